/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/json_canonical.h"

#include "base/hex.h"
#include "http/json.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MAX = 8 };

/* Beyond, a double is not exact (RFC 8785 3.2.2.3). */
#define INTEGER_MAX ((INT64_C(1) << 53) - 1)

static bool is_ascii(const char *text)
{
    while (*text != '\0' && (uint8_t)*text < 0x80)
        text++;
    return *text == '\0';
}

/* Whether the library's order and numbers are those of the form: that of keys in ASCII is that of
 * UTF-16 (RFC 8785 3.2.3). */
static bool is_ours(json_t *value, int level)
{
    json_int_t number = json_integer_value(value);
    bool is_good = level <= LEVELS_MAX && !json_is_real(value) && number <= INTEGER_MAX &&
                   number >= -INTEGER_MAX;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach(value, key, member)
    {
        is_good = is_good && is_ascii(key) && is_ours(member, level + 1);
    }
    json_array_foreach(value, i, member)
    {
        is_good = is_good && is_ours(member, level + 1);
    }
    return is_good;
}

static enum cc_err read_object(const char *text, size_t len, json_t **ret)
{
    json_error_t error;
    *ret = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (*ret == NULL)
        return json_syntax_error(&error);
    return json_is_object(*ret) && is_ours(*ret, 0) ? CC_OK : CC_ERR_JSON_SYNTAX;
}

/* The library writes an escape as a piece of its own, and "\u001F" of it in upper case (RFC 8785
 * 3.2.2.2). */
static int put_piece(const char *piece, size_t len, void *user)
{
    struct buf *out = user;
    bool is_escape = len > 0 && piece[0] == '\\';
    for (size_t i = 0; i < len; i++)
        buf_byte(out, (uint8_t)(is_escape ? tolower((unsigned char)piece[i]) : piece[i]));
    return 0;
}

static enum cc_err write_form(json_t *object, struct buf *out)
{
    if (json_dump_callback(object, put_piece, out, JSON_COMPACT | JSON_SORT_KEYS) != 0)
        return CC_ERR_MEMORY;
    return buf_ok(out) ? CC_OK : CC_ERR_NO_SPACE;
}

enum cc_err json_canonical(const char *text, size_t len, struct buf *out)
{
    json_t *object = NULL;
    enum cc_err err = read_object(text, len, &object);
    if (err == CC_OK)
        err = write_form(object, out);
    json_decref(object);
    return err;
}

/* ---- a document with its signature
 * ----------------------------------------------------------------- */

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

static enum cc_err take_members(json_t *object, const uint8_t public_key[SECRET_PUBLIC_BYTES],
                                uint8_t signature[SECRET_SIGNATURE_BYTES])
{
    uint8_t named[SECRET_PUBLIC_BYTES];
    if (!take_hex(json_object_get(object, "firma"), signature, SECRET_SIGNATURE_BYTES) ||
        !take_hex(json_object_get(object, "clave_publica"), named, SECRET_PUBLIC_BYTES))
        return CC_ERR_CORRUPT;
    return memcmp(named, public_key, SECRET_PUBLIC_BYTES) == 0 ? CC_OK : CC_ERR_KEY_WRONG;
}

static enum cc_err check_with(json_t *object, const char *text, size_t len,
                              const uint8_t public_key[SECRET_PUBLIC_BYTES], void *storage)
{
    uint8_t signature[SECRET_SIGNATURE_BYTES];
    struct buf form;
    buf_init(&form, storage, len);
    enum cc_err err = write_form(object, &form);
    if (err == CC_ERR_NO_SPACE || (err == CC_OK && (form.len != len || memcmp(storage, text, len))))
        return CC_ERR_CORRUPT;
    if (err == CC_OK)
        err = take_members(object, public_key, signature);
    (void)json_object_del(object, "firma");
    buf_init(&form, storage, len);
    if (err == CC_OK)
        err = write_form(object, &form);
    if (err == CC_OK && !secret_signature_fits(public_key, form.data, form.len, signature))
        err = CC_ERR_ALTERED;
    return err;
}

enum cc_err json_signed_check(const char *text, size_t len,
                              const uint8_t public_key[SECRET_PUBLIC_BYTES])
{
    json_t *object = NULL;
    void *storage = malloc(len + 1);
    enum cc_err err = storage != NULL ? read_object(text, len, &object) : CC_ERR_MEMORY;
    if (err == CC_OK)
        err = check_with(object, text, len, public_key, storage);
    json_decref(object);
    free(storage);
    return err;
}
