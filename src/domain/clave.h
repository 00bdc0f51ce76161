/* SPDX-License-Identifier: EUPL-1.2 */
/* The citizen's clave, of exactly 4 ASCII digits, and our contraclave, of as many as the profile
 * says (DOMAIN 3, 5). Leading zeros are kept. Pure. */
#ifndef CC_DOMAIN_CLAVE_H
#define CC_DOMAIN_CLAVE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { CLAVE_DIGITS = 4, CLAVE_SIZE = CLAVE_DIGITS + 1, CODE_DIGITS_MAX = 8 };
enum { CODE_SIZE = CODE_DIGITS_MAX + 1 };

/* Exactly `digits` of them, up to CODE_DIGITS_MAX; ret has room for one more. Errors: `err`
 * (CC_ERR_CLAVE_FORMAT or CC_ERR_CONTRACLAVE_FORMAT). */
enum cc_err clave_parse(const char *text, size_t len, size_t digits, enum cc_err err,
                        char *ret) CC_MUST_CHECK;
/* How many texts of so many digits there are. */
uint32_t clave_count(size_t digits);
/* The text of number n (0 ≤ n < clave_count(digits)) with its leading zeros. */
void clave_from_number(uint32_t n, size_t digits, char *out);

#endif
