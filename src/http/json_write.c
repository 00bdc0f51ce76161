/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/json_write.h"

#include "base/utf8.h"
#include "domain/expiry.h"

#include <inttypes.h>
#include <string.h>

/* A value never ends in an opening bracket (texts end in a quote), so the last byte tells. */
static void put_comma(struct buf *out)
{
    if (out->len == 0)
        return;
    uint8_t last = out->data[out->len - 1];
    if (last != '{' && last != '[')
        buf_byte(out, ',');
}

/* Bytes that a JSON text may hold unchanged; any other is examined as a character. */
static size_t plain_run(const char *text)
{
    size_t len = 0;
    while (text[len] >= 0x20 && text[len] < 0x7f && text[len] != '"' && text[len] != '\\')
        len++;
    return len;
}

/* Returns how many bytes of the text it took. */
static size_t put_special(struct buf *out, const char *text, size_t len)
{
    size_t taken = 0;
    int32_t c = utf8_next(text, len, &taken);
    if (c < 0) {
        buf_str(out, "\\ufffd");
        return 1;
    }
    if (c < 0x20) {
        buf_fmt(out, "\\u%04x", (unsigned)c);
        return taken;
    }
    if (c == '"' || c == '\\')
        buf_byte(out, '\\');
    buf_put(out, text, taken);
    return taken;
}

static void put_escaped(struct buf *out, const char *text)
{
    const char *end = text + strlen(text);
    buf_byte(out, '"');
    while (text < end) {
        size_t run = plain_run(text);
        buf_put(out, text, run);
        text += run;
        if (text < end)
            text += put_special(out, text, (size_t)(end - text));
    }
    buf_byte(out, '"');
}

/* Keys are our own words: nothing in them to escape. */
static void put_key(struct buf *out, const char *key)
{
    put_comma(out);
    if (key == NULL)
        return;
    buf_byte(out, '"');
    buf_str(out, key);
    buf_byte(out, '"');
    buf_byte(out, ':');
}

void json_open(struct buf *out, const char *key, char bracket)
{
    put_key(out, key);
    buf_byte(out, (uint8_t)bracket);
}

void json_close(struct buf *out, char bracket)
{
    buf_byte(out, (uint8_t)bracket);
}

void json_put_text(struct buf *out, const char *key, const char *text)
{
    put_key(out, key);
    put_escaped(out, text);
}

void json_put_int(struct buf *out, const char *key, int64_t value)
{
    put_key(out, key);
    buf_fmt(out, "%" PRId64, value);
}

void json_put_tenths(struct buf *out, const char *key, int value)
{
    int64_t tenths = value < 0 ? -(int64_t)value : value;
    put_key(out, key);
    buf_fmt(out, "%s%" PRId64 ".%" PRId64, value < 0 ? "-" : "", tenths / 10, tenths % 10);
}

void json_put_bool(struct buf *out, const char *key, bool value)
{
    put_key(out, key);
    buf_str(out, value ? "true" : "false");
}

void json_put_null(struct buf *out, const char *key)
{
    put_key(out, key);
    buf_str(out, "null");
}

static void put_instant(struct buf *out, const char *key, int64_t at_ms,
                        void (*format)(int64_t at_ms, struct buf *out))
{
    put_key(out, key);
    buf_byte(out, '"');
    format(at_ms, out);
    buf_byte(out, '"');
}

void json_put_utc(struct buf *out, const char *key, int64_t at_ms)
{
    put_instant(out, key, at_ms, expiry_format_utc);
}

void json_put_local(struct buf *out, const char *key, int64_t at_ms)
{
    put_instant(out, key, at_ms, expiry_format_local);
}

void json_put_int_if(struct buf *out, const char *key, bool is_known, int64_t value)
{
    if (is_known)
        json_put_int(out, key, value);
    else
        json_put_null(out, key);
}

void json_put_bool_if(struct buf *out, const char *key, bool is_known, bool value)
{
    if (is_known)
        json_put_bool(out, key, value);
    else
        json_put_null(out, key);
}

void json_put_text_or_null(struct buf *b, const char *key, const char *text)
{
    if (text[0] != '\0')
        json_put_text(b, key, text);
    else
        json_put_null(b, key);
}

void json_put_utc_or_null(struct buf *out, const char *key, int64_t at_ms)
{
    if (at_ms == 0)
        json_put_null(out, key);
    else
        json_put_utc(out, key, at_ms);
}
