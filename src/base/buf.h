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

struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    bool overflow;
};

void buf_init(struct buf *b, void *storage, size_t cap);
void buf_put(struct buf *b, const void *bytes, size_t len);
void buf_byte(struct buf *b, uint8_t byte);
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
