/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One-time codes by time (RFC 6238): SHA-1, 30 s, 6 digits, which is what telephones take. A code
 * of the step before or after the present one is accepted too, and no step twice. Pure.
 */
#ifndef CC_DOMAIN_TOTP_H
#define CC_DOMAIN_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOTP_SECRET_BYTES = 20, TOTP_TEXT_SIZE = 33, TOTP_DIGITS = 6 };

/* Units: step is of 30 s since 1970. Source: RFC 4226 5.3. */
uint32_t totp_code(const uint8_t secret[TOTP_SECRET_BYTES], int64_t step);
/*
 * Whether text is the code of a step around now_ms that is later than last_step; *ret_step is that
 * step, which the caller must keep. Source: RFC 6238 5.2.
 */
bool totp_accepts(const uint8_t secret[TOTP_SECRET_BYTES], const char *text, int64_t now_ms,
                  int64_t last_step, int64_t *ret_step);
/* The secret as a person types it into a telephone: base32 (RFC 4648 6), 32 characters. */
void totp_secret_text(const uint8_t secret[TOTP_SECRET_BYTES], char out[TOTP_TEXT_SIZE]);

#endif
