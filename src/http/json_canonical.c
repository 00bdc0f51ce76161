/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/json_canonical.h"

#include "base/hex.h"
#include "http/json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_MAX = 64, LEVELS_MAX = 8 };
/* Beyond, a double is not exact (RFC 8785 3.2.2.3). */
#define INTEGER_MAX ((INT64_C(1) << 53) - 1)

static enum cc_err put_value(json_t *value, int level, struct buf *out);

/* RFC 8785 3.2.2.2. */
static void put_text(const char *text, size_t len, struct buf *out)
{
    static const char named[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
    buf_byte(out, '"');
    for (size_t i = 0; i < len; i++) {
        const char *name = text[i] != '\0' ? strchr(named, text[i]) : NULL;
        if (name != NULL) {
            buf_byte(out, '\\');
            buf_byte(out, (uint8_t)letters[name - named]);
        } else if ((uint8_t)text[i] < 0x20) {
            buf_fmt(out, "\\u%04x", (unsigned)text[i]);
        } else {
            buf_byte(out, (uint8_t)text[i]);
        }
    }
    buf_byte(out, '"');
}

static enum cc_err put_integer(int64_t value, struct buf *out)
{
    if (value > INTEGER_MAX || value < -INTEGER_MAX)
        return CC_ERR_JSON_SYNTAX;
    buf_fmt(out, "%" PRId64, value);
    return CC_OK;
}

static enum cc_err put_list(json_t *list, int level, struct buf *out)
{
    enum cc_err err = CC_OK;
    buf_byte(out, '[');
    for (size_t i = 0; i < json_array_size(list) && err == CC_OK; i++) {
        if (i > 0)
            buf_byte(out, ',');
        err = put_value(json_array_get(list, i), level, out);
    }
    buf_byte(out, ']');
    return err;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_ascii(const char *text)
{
    while (*text != '\0' && (uint8_t)*text < 0x80)
        text++;
    return *text == '\0';
}

/* without: a member that is left out, NULL = none. The order of ASCII is that of UTF-16 (RFC
 * 8785 3.2.3). */
static enum cc_err put_object(json_t *object, int level, const char *without, struct buf *out)
{
    const char *keys[MEMBERS_MAX], *key;
    json_t *value;
    size_t count = 0;
    enum cc_err err = CC_OK;
    json_object_foreach(object, key, value)
    {
        if (count == MEMBERS_MAX || !is_ascii(key))
            return CC_ERR_JSON_SYNTAX;
        if (without == NULL || strcmp(key, without) != 0)
            keys[count++] = key;
    }
    qsort(keys, count, sizeof(keys[0]), compare_keys);
    buf_byte(out, '{');
    for (size_t i = 0; i < count && err == CC_OK; i++) {
        if (i > 0)
            buf_byte(out, ',');
        put_text(keys[i], strlen(keys[i]), out);
        buf_byte(out, ':');
        err = put_value(json_object_get(object, keys[i]), level, out);
    }
    buf_byte(out, '}');
    return err;
}

static enum cc_err put_value(json_t *value, int level, struct buf *out)
{
    if (level == LEVELS_MAX)
        return CC_ERR_JSON_SYNTAX;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return put_object(value, level + 1, NULL, out);
    case JSON_ARRAY:
        return put_list(value, level + 1, out);
    case JSON_STRING:
        put_text(json_string_value(value), json_string_length(value), out);
        return CC_OK;
    case JSON_INTEGER:
        return put_integer(json_integer_value(value), out);
    case JSON_REAL:
        return CC_ERR_JSON_SYNTAX;
    case JSON_TRUE:
    case JSON_FALSE:
        buf_str(out, json_is_true(value) ? "true" : "false");
        return CC_OK;
    case JSON_NULL:
        buf_str(out, "null");
        return CC_OK;
    }
    return CC_ERR_JSON_SYNTAX;
}

static enum cc_err write_form(const char *text, size_t len, const char *without, struct buf *out)
{
    json_error_t error;
    json_t *tree = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (tree == NULL)
        return json_syntax_error(&error);
    enum cc_err err = json_is_object(tree) ? put_object(tree, 0, without, out) : CC_ERR_JSON_SYNTAX;
    json_decref(tree);
    return err == CC_OK && !buf_ok(out) ? CC_ERR_NO_SPACE : err;
}

enum cc_err json_canonical(const char *text, size_t len, struct buf *out)
{
    return write_form(text, len, NULL, out);
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
    uint8_t signature[SECRET_SIGNATURE_BYTES];
    struct buf form;
    buf_init(&form, storage, len);
    enum cc_err err = write_form(text, len, NULL, &form);
    if (err == CC_ERR_NO_SPACE || (err == CC_OK && (form.len != len || memcmp(storage, text, len))))
        return CC_ERR_CORRUPT;
    if (err == CC_OK)
        err = take_members(text, len, public_key, signature);
    buf_init(&form, storage, len);
    if (err == CC_OK)
        err = write_form(text, len, "firma", &form);
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
