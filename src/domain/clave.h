/* SPDX-License-Identifier: EUPL-1.2 */
/* The citizen's clave and our contraclave: strings of exactly 4 ASCII digits (DOMAIN 3). Pure. */
#ifndef CC_DOMAIN_CLAVE_H
#define CC_DOMAIN_CLAVE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { CLAVE_DIGITS = 4, CLAVE_SIZE = CLAVE_DIGITS + 1, CLAVE_COUNT = 10000 };

/* Errors: `err` (CC_ERR_CLAVE_FORMAT or CC_ERR_CONTRACLAVE_FORMAT). Leading zeros are kept. */
enum cc_err clave_parse(const char *text, size_t len, enum cc_err err,
                        char ret[CLAVE_SIZE]) CC_MUST_CHECK;
/* The text of number n (0 ≤ n < CLAVE_COUNT) with its leading zeros. */
void clave_from_number(uint32_t n, char out[CLAVE_SIZE]);

#endif
