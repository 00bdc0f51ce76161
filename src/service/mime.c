/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mime.h"

#include <stdbool.h>
#include <time.h>

enum {
    WORD_BYTES = 14, /* of UTF-8 in an encoded word: 3 characters each, within 75 (RFC 2047 2) */
    LINE_MAX_ = 72,  /* of quoted-printable, which allows 76 (RFC 2045 6.7) */
    MS_PER_S = 1000
};

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

void mime_put_encoded(struct buf *out, const char *text)
{
    size_t bytes = 0;
    buf_str(out, "=?UTF-8?Q?");
    for (; *text != '\0'; text++) {
        if (bytes >= WORD_BYTES && !is_continuation(*text)) {
            buf_str(out, "?=\r\n =?UTF-8?Q?");
            bytes = 0;
        }
        buf_fmt(out, "=%02X", (unsigned)(unsigned char)*text);
        bytes++;
    }
    buf_str(out, "?=");
}

void mime_put_quoted(struct buf *out, const char *text)
{
    size_t column = 0;
    for (; *text != '\0'; text++) {
        bool is_plain = *text > ' ' && *text < 0x7F && *text != '=' && *text != '.';
        bool is_blank = *text == ' ' && text[1] != '\n';
        if (*text == '\n') {
            buf_str(out, "\r\n");
            column = 0;
            continue;
        }
        if (column >= LINE_MAX_) {
            buf_str(out, "=\r\n");
            column = 0;
        }
        if (is_plain || is_blank)
            buf_byte(out, (uint8_t)*text);
        else
            buf_fmt(out, "=%02X", (unsigned)(unsigned char)*text);
        column += is_plain || is_blank ? 1 : 3;
    }
}

void mime_put_date(int64_t at_ms, struct buf *out)
{
    char text[64];
    struct tm tm;
    time_t at_s = (time_t)(at_ms / MS_PER_S);
    if (localtime_r(&at_s, &tm) != NULL &&
        strftime(text, sizeof(text), "Date: %a, %d %b %Y %H:%M:%S %z", &tm) > 0)
        buf_str(out, text);
}
