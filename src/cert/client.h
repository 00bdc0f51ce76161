/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Certificates that programs show in the TLS handshake, beside their token. That the program holds
 * the private key, the handshake has proven. Knows no files and no clock.
 */
#ifndef CC_CERT_CLIENT_H
#define CC_CERT_CLIENT_H

#include "cert/trust.h"
#include "domain/pins.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the keys are such that to check their signatures takes under a millisecond: RSA up to
 * 4096 bits with a short exponent, curves. For the handshake, which strangers begin.
 */
bool cert_client_is_light(const gnutls_datum_t *ders, unsigned count);
/*
 * Judges the certificates of a handshake, DER, the program's first, by what its client must show;
 * count 0 = none was shown. trust NULL = the town has no authority for programs. Errors:
 * CC_ERR_CLIENT_CERTIFICATE_MISSING, CC_ERR_CLIENT_CERTIFICATE_EXPIRED (or not begun),
 * CC_ERR_CLIENT_CERTIFICATE_UNTRUSTED. *ret_ends_ms: when the program's certificate ends.
 */
enum cc_err cert_client_judge(const gnutls_datum_t *ders, unsigned count, const struct pins *pins,
                              const struct cert_trust *trust, int64_t now_ms,
                              int64_t *ret_ends_ms) CC_MUST_CHECK;

#endif
