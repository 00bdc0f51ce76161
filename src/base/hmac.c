/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/hmac.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

void hmac_sha1(const void *key, size_t key_len, const void *bytes, size_t len,
               uint8_t out[HMAC_SHA1_BYTES])
{
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA1, key, key_len, bytes, len, out) < 0)
        abort(); /* a library without SHA-1 is not the one that was linked */
}
