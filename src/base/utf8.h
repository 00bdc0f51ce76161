/* SPDX-License-Identifier: EUPL-1.2 */
/* UTF-8 by utf8proc: validity, iteration, and the one normal form for names. */
#ifndef CC_BASE_UTF8_H
#define CC_BASE_UTF8_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool utf8_is_valid(const char *text, size_t len);
/*
 * Decodes one code point at *pos and moves *pos behind it. Returns -1 at the end of the text or at
 * an invalid byte (then *pos is unmoved).
 */
int32_t utf8_next(const char *text, size_t len, size_t *pos);
/*
 * True for what must not reach a terminal: controls, line and paragraph separators, format
 * characters (Unicode general category C and Zl, Zp: those that turn the direction of writing are
 * among them, UAX 9), and what takes no place or shows as blank (Default_Ignorable_Code_Point of
 * DerivedCoreProperties.txt: U+00AD, 034F, 115F, 1160, 17B4, 17B5, 180B-180F, 200B-200F, 2060-206F,
 * 3164, FE00-FE0F, FEFF, FFA0, 1D173-1D17A, E0000-E0FFF; and the blank braille pattern U+2800).
 */
bool utf8_is_unsafe(int32_t codepoint);
/* Appends the UTF-8 of one code point to out (room for 4); returns the bytes written, 0 if invalid.
 */
size_t utf8_encode(uint32_t codepoint, char out[4]);
/*
 * Text in NFC, nothing else changed, into out as a C string; utf8_fold() also drops case, accents
 * and compatibility forms ("Ñ" becomes "n"), for comparing. False, and out empty, when the text is
 * invalid UTF-8 or does not fit. What passed through is wiped: it may be a password.
 */
bool utf8_compose(const char *text, size_t len, char *out, size_t cap) CC_MUST_CHECK;
bool utf8_fold(const char *text, size_t len, char *out, size_t cap) CC_MUST_CHECK;
/*
 * Normalises a person's name into out: NFC, trimmed, inner white space as one space. Errors:
 * CC_ERR_NAME_FORMAT when empty, over cap-1 bytes, invalid UTF-8, or with a character for which
 * utf8_is_unsafe() is true.
 */
enum cc_err utf8_normalize_name(const char *text, size_t len, char *out, size_t cap) CC_MUST_CHECK;
/* The same for a name that stands in a path: "." and ".." would be another one. Source: RFC 3986
 * 5.2.4. */
enum cc_err utf8_normalize_key_name(const char *text, char *out, size_t cap) CC_MUST_CHECK;

#endif
