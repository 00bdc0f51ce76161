/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"

#include "base/hex.h"
#include "base/le64.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buf_init(struct buf *b, void *storage, size_t cap)
{
    *b = (struct buf){.data = storage, .cap = cap};
}

void buf_le64(struct buf *b, uint64_t value)
{
    uint8_t bytes[LE64_BYTES];
    le64_put(bytes, value);
    buf_put(b, bytes, sizeof(bytes));
}

void buf_str(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}

void buf_fmt(struct buf *b, const char *format, ...)
{
    if (b->overflow)
        return;
    size_t room = b->cap - b->len;
    va_list args;
    va_start(args, format);
    int n = room == 0 ? -1 : vsnprintf((char *)b->data + b->len, room, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= room) {
        b->overflow = true;
        return;
    }
    b->len += (size_t)n;
}

void buf_hex(struct buf *b, const uint8_t *bytes, size_t len)
{
    if (len > SIZE_MAX / 2) {
        b->overflow = true;
        return;
    }
    if (!buf_has_room(b, 2 * len))
        return;
    for (size_t i = 0; i < len; i++) {
        char pair[3];
        hex_encode(bytes + i, 1, pair);
        buf_put(b, pair, 2);
    }
}

bool buf_ok(const struct buf *b)
{
    return !b->overflow;
}

const char *buf_cstr(struct buf *b)
{
    if (b->overflow || b->len == b->cap)
        return NULL;
    b->data[b->len] = '\0';
    return (const char *)b->data;
}
