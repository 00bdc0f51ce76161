/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/utf8.h"

#include "base/buf.h"
#include "base/secret.h"

#include <stdlib.h>
#include <utf8proc.h>

/* A name of the longest allowed kind, fully decomposed, stays well below this. */
enum { NAME_CODEPOINTS_MAX = 512, TEXT_CODEPOINTS_MAX = 4096, TEXT_BYTES_MAX = 8192 };

bool utf8_is_valid(const char *text, size_t len)
{
    size_t pos = 0;
    while (pos < len)
        if (utf8_next(text, len, &pos) < 0)
            return false;
    return true;
}

int32_t utf8_next(const char *text, size_t len, size_t *pos)
{
    if (*pos >= len)
        return -1;
    utf8proc_int32_t codepoint;
    /* Four bytes are the longest sequence; a longer rest only risks the sign of ssize_t. */
    size_t rest = len - *pos < 4 ? len - *pos : 4;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)text + *pos, (utf8proc_ssize_t)rest, &codepoint);
    if (n <= 0)
        return -1;
    *pos += (size_t)n;
    return codepoint;
}

size_t utf8_encode(uint32_t codepoint, char out[4])
{
    if (codepoint > 0x10FFFF || !utf8proc_codepoint_valid((utf8proc_int32_t)codepoint))
        return 0;
    utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)codepoint, (utf8proc_uint8_t *)out);
    return n > 0 ? (size_t)n : 0;
}

bool utf8_is_unsafe(int32_t codepoint)
{
    static const struct {
        int32_t first, last;
    } blanks[] = {{0x2800, 0x2800}, {0xFFF0, 0xFFFB}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++)
        if (codepoint >= blanks[i].first && codepoint <= blanks[i].last)
            return true;
    const utf8proc_property_t *property = utf8proc_get_property(codepoint);
    utf8proc_category_t category = (utf8proc_category_t)property->category;
    bool is_seen = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ZS;
    return !is_seen || property->ignorable;
}

enum name_class { NAME_REFUSED, NAME_SPACE, NAME_VISIBLE };

static enum name_class name_class(int32_t codepoint)
{
    if (utf8proc_category(codepoint) == UTF8PROC_CATEGORY_ZS)
        return NAME_SPACE;
    return utf8_is_unsafe(codepoint) ? NAME_REFUSED : NAME_VISIBLE;
}

/* Appends codepoints[0..count) with white space trimmed and squeezed; false at a refused one. */
static bool name_append(const int32_t *codepoints, size_t count, struct buf *out)
{
    bool space_due = false;
    for (size_t i = 0; i < count; i++) {
        enum name_class class = name_class(codepoints[i]);
        if (class == NAME_REFUSED)
            return false;
        if (class == NAME_SPACE) {
            space_due = out->len > 0;
            continue;
        }
        if (space_due)
            buf_byte(out, ' ');
        space_due = false;
        char bytes[4];
        buf_put(out, bytes, utf8_encode((uint32_t)codepoints[i], bytes));
    }
    return true;
}

enum cc_err utf8_normalize_name(const char *text, size_t len, char *out, size_t cap)
{
    const utf8proc_option_t nfc = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_int32_t codepoints[NAME_CODEPOINTS_MAX];
    if (len > (size_t)4 * NAME_CODEPOINTS_MAX)
        return CC_ERR_NAME_FORMAT;
    utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len,
                                            codepoints, NAME_CODEPOINTS_MAX, nfc);
    if (n <= 0 || n > NAME_CODEPOINTS_MAX)
        return CC_ERR_NAME_FORMAT;
    n = utf8proc_normalize_utf32(codepoints, n, nfc);
    if (n <= 0)
        return CC_ERR_NAME_FORMAT;
    struct buf name;
    buf_init(&name, out, cap);
    if (!name_append(codepoints, (size_t)n, &name) || name.len == 0 || buf_cstr(&name) == NULL)
        return CC_ERR_NAME_FORMAT;
    return CC_OK;
}

enum cc_err utf8_normalize_key_name(const char *text, char *out, size_t cap)
{
    enum cc_err err = utf8_normalize_name(text, strlen(text), out, cap);
    return err == CC_OK && out[strspn(out, ".")] == '\0' ? CC_ERR_NAME_FORMAT : err;
}

static bool transform(const char *text, size_t len, utf8proc_option_t options, char *out,
                      size_t cap)
{
    const utf8proc_uint8_t *bytes_in = (const utf8proc_uint8_t *)text;
    utf8proc_ssize_t in_len = (utf8proc_ssize_t)len;
    bool fits = false;
    out[0] = '\0';
    if (len > TEXT_BYTES_MAX)
        return false;
    utf8proc_ssize_t n = utf8proc_decompose(bytes_in, in_len, NULL, 0, options);
    if (n < 0 || n > TEXT_CODEPOINTS_MAX)
        return false;
    size_t size = ((size_t)n + 1) * sizeof(utf8proc_int32_t);
    utf8proc_int32_t *codepoints = malloc(size);
    if (codepoints == NULL)
        return false;
    n = utf8proc_decompose(bytes_in, in_len, codepoints, n, options);
    if (n >= 0)
        n = utf8proc_normalize_utf32(codepoints, n, options);
    if (n >= 0) {
        struct buf b;
        buf_init(&b, out, cap);
        for (utf8proc_ssize_t i = 0; i < n; i++) {
            char bytes[4];
            buf_put(&b, bytes, utf8_encode((uint32_t)codepoints[i], bytes));
            secret_wipe(bytes, sizeof(bytes));
        }
        fits = buf_cstr(&b) != NULL;
    }
    secret_wipe(codepoints, size);
    free(codepoints);
    if (!fits)
        secret_wipe(out, cap);
    return fits;
}

bool utf8_compose(const char *text, size_t len, char *out, size_t cap)
{
    return transform(text, len, UTF8PROC_STABLE | UTF8PROC_COMPOSE, out, cap);
}

bool utf8_fold(const char *text, size_t len, char *out, size_t cap)
{
    return transform(text, len,
                     UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                         UTF8PROC_STRIPMARK,
                     out, cap);
}
