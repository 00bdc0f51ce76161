/* SPDX-License-Identifier: EUPL-1.2 */
/* Hexadecimal, both ways. Either case in; out upper case (as PDU mode wants it), or lower. */
#ifndef CC_BASE_HEX_H
#define CC_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Value of one digit, or -1. */
int hex_value(char c);
/* out has room for 2 * len + 1; terminated. */
void hex_encode(const uint8_t *bytes, size_t len, char *out);
void hex_encode_lower(const uint8_t *bytes, size_t len, char *out);
/* Strict: even length, only digits, fits cap. ret_len untouched on failure. */
bool hex_decode(const char *text, size_t len, uint8_t *out, size_t cap, size_t *ret_len);

#endif
