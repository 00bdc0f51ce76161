/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The GSM 7-bit default alphabet with its extension table, packing, and UCS-2. Pure.
 * Source: 3GPP TS 23.038 6.1.2.1 (packing), 6.2.1 (alphabet, extension), 6.2.3 (UCS2).
 */
#ifndef CC_GSM_GSM7_H
#define CC_GSM_GSM7_H

#include "base/buf.h"
#include "gsm/national.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GSM7_ESCAPE = 0x1B };

/*
 * UTF-8 to septets, one per byte; an extension character is two (escape first). False if a
 * character is not in the alphabet (*ret_bad = its byte offset) or out is full (*ret_bad = len).
 */
bool gsm7_from_utf8(const char *utf8, size_t len, uint8_t *out, size_t cap, size_t *ret_septets,
                    size_t *ret_bad);
/* Septets to UTF-8, appended. An escape with no known successor shows the plain character
 * (23.038 6.2.1.1). */
void gsm7_to_utf8(const uint8_t *septets, size_t count, struct buf *out);
/* The same by the tables of a language. */
void gsm7_to_utf8_in(struct gsm_language language, const uint8_t *septets, size_t count,
                     struct buf *out);
/* Packs count septets behind fill_bits zero bits (0-6, after a header, 23.040 9.2.3.24); appended.
 */
void gsm7_pack(const uint8_t *septets, size_t count, unsigned fill_bits, struct buf *out);
/* Unpacks count septets starting at bit fill_bits of bytes; false if bytes are too few. */
bool gsm7_unpack(const uint8_t *bytes, size_t len, unsigned fill_bits, size_t count, uint8_t *out);

/* UTF-8 to UTF-16BE, surrogates included; false on invalid UTF-8 or overflow of out. */
bool ucs2_from_utf8(const char *utf8, size_t len, struct buf *out);
/* UTF-16BE to UTF-8; a lone surrogate and U+0000 (texts are C strings) become U+FFFD; an odd last
 * byte is dropped. */
void ucs2_to_utf8(const uint8_t *bytes, size_t len, struct buf *out);

#endif
