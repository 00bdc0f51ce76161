/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/json_signed.h"

#include "base/hex.h"
#include "http/json_canonical.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Bytes from digits in the one way that they are written. */
static bool take_hex(const json_t *digits, uint8_t *ret, size_t len)
{
    char again[2 * SECRET_SIGNATURE_BYTES + 1];
    const char *text = json_string_value(digits);
    size_t count = 0;
    if (text == NULL || !hex_decode(text, strlen(text), ret, len, &count) || count != len)
        return false;
    hex_encode_lower(ret, len, again);
    return strcmp(text, again) == 0;
}

static enum cc_err take_members(const char *text, size_t len,
                                const uint8_t public_key[SECRET_PUBLIC_BYTES],
                                uint8_t signature[SECRET_SIGNATURE_BYTES])
{
    uint8_t named[SECRET_PUBLIC_BYTES];
    json_t *tree = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    bool fits = take_hex(json_object_get(tree, "firma"), signature, SECRET_SIGNATURE_BYTES) &&
                take_hex(json_object_get(tree, "clave_publica"), named, SECRET_PUBLIC_BYTES);
    json_decref(tree);
    if (!fits)
        return CC_ERR_CORRUPT;
    return memcmp(named, public_key, SECRET_PUBLIC_BYTES) == 0 ? CC_OK : CC_ERR_KEY_WRONG;
}

static enum cc_err check_with(const char *text, size_t len,
                              const uint8_t public_key[SECRET_PUBLIC_BYTES], void *storage)
{
    static const char *const unsigned_part[] = {"firma", NULL};
    uint8_t signature[SECRET_SIGNATURE_BYTES];
    struct buf form;
    buf_init(&form, storage, len);
    enum cc_err err = json_canonical(text, len, NULL, &form);
    if (err == CC_ERR_NO_SPACE || (err == CC_OK && (form.len != len || memcmp(storage, text, len))))
        return CC_ERR_CORRUPT;
    if (err == CC_OK)
        err = take_members(text, len, public_key, signature);
    buf_init(&form, storage, len);
    if (err == CC_OK)
        err = json_canonical(text, len, unsigned_part, &form);
    if (err == CC_OK && !secret_signature_fits(public_key, form.data, form.len, signature))
        err = CC_ERR_ALTERED;
    return err;
}

enum cc_err json_signed_check(const char *text, size_t len,
                              const uint8_t public_key[SECRET_PUBLIC_BYTES])
{
    void *storage = malloc(len + 1);
    enum cc_err err = storage != NULL ? check_with(text, len, public_key, storage) : CC_ERR_MEMORY;
    free(storage);
    return err;
}
