/* SPDX-License-Identifier: EUPL-1.2 */
/* HMAC-SHA-1 by GnuTLS, for the one-time codes of telephones (RFC 4226), which take no other hash.
 * Every other keyed tag of the program is libsodium's: see base/secret.h. */
#ifndef CC_BASE_HMAC_H
#define CC_BASE_HMAC_H

#include <stddef.h>
#include <stdint.h>

enum { HMAC_SHA1_BYTES = 20 };

/* Ends the program where the library has no SHA-1. Source: RFC 2104. */
void hmac_sha1(const void *key, size_t key_len, const void *bytes, size_t len,
               uint8_t out[HMAC_SHA1_BYTES]);

#endif
