/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A bounded builder over storage of the caller: appends are checked, overflow is sticky and seen
 * once at the end with buf_ok(). No allocation; used by the pure rooms.
 */
#ifndef CC_BASE_BUF_H
#define CC_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    bool overflow;
};

void buf_init(struct buf *b, void *storage, size_t cap);

/* Sticky: after one append that did not fit, later ones would leave a hole in the middle. */
static inline bool buf_has_room(struct buf *b, size_t len)
{
    if (len > b->cap - b->len)
        b->overflow = true;
    return !b->overflow;
}

/* These two are inlined: some 200 appends make the tags and the answer of one verification. */
static inline void buf_put(struct buf *b, const void *bytes, size_t len)
{
    if (!buf_has_room(b, len) || len == 0)
        return;
    memcpy(b->data + b->len, bytes, len);
    b->len += len;
}

static inline void buf_byte(struct buf *b, uint8_t byte)
{
    if (buf_has_room(b, 1))
        b->data[b->len++] = byte;
}

/* Eight bytes, the least significant first. */
void buf_le64(struct buf *b, uint64_t value);
void buf_str(struct buf *b, const char *text);
/* Needs one spare byte behind its text: vsnprintf(3) ends it with a NUL, which is not counted. */
void buf_fmt(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Two upper-case hexadecimal digits per byte. */
void buf_hex(struct buf *b, const uint8_t *bytes, size_t len);
/* False once any append did not fit (nothing of that append was written). */
bool buf_ok(const struct buf *b);
/* The content as a C string; the terminator takes room in cap, and NULL says it did not fit. */
const char *buf_cstr(struct buf *b);

#endif
