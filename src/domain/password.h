/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rules for the passwords of people: 12 characters at least, of which something is left when common
 * words, the person's own name, short numbers and signs are taken out. Pure. Source: NIST SP
 * 800-63B 5.1.1.2: length and a list of common ones, no rules of composition.
 */
#ifndef CC_DOMAIN_PASSWORD_H
#define CC_DOMAIN_PASSWORD_H

#include "base/err.h"

#include <stddef.h>

enum { PASSWORD_SIZE = 385, PASSWORD_LEAST = 12 };

/* The form in which a password is hashed and compared: NFC. Owns: the caller wipes out. Errors:
 * CC_ERR_PASSWORD_FORMAT (too long, empty, invalid UTF-8, or characters that show nothing). */
enum cc_err password_normalize(const char *text, size_t len, char out[PASSWORD_SIZE]) CC_MUST_CHECK;
/* password: normalised. Errors: CC_ERR_PASSWORD_SHORT, CC_ERR_PASSWORD_COMMON. */
enum cc_err password_check(const char *password, const char *name) CC_MUST_CHECK;

#endif
