/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The town's electronic seal (eIDAS art. 35, Ley 40/2015 art. 42) under a file: a detached CMS
 * signature with the seal's certificate and its chain in it, as openssl and the validators of the
 * administrations read it. With an RSA key it takes milliseconds: not in the loop.
 *
 * Source: RFC 5652; GnuTLS.
 */
#ifndef CC_CERT_SEAL_H
#define CC_CERT_SEAL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { CERT_SEAL_NAME_SIZE = 256 };

/* PEM texts of the town: certificate, with its authorities behind it, and private key. */
struct cert_seal_pem {
    const char *certificate;
    size_t certificate_len;
    const char *key;
    size_t key_len;
};

/*
 * The signature in DER. Errors: those of cert_chain_read(), CC_ERR_CERT_SIGNATURE (the key is not
 * the certificate's, or cannot be read), CC_ERR_CERT_NOT_YET, CC_ERR_CERT_EXPIRED, CC_ERR_MEMORY.
 * Owns: free(*ret).
 */
enum cc_err cert_seal_make(const struct cert_seal_pem *pem, const void *bytes, size_t len,
                           int64_t now_ms, uint8_t **ret, size_t *ret_len) CC_MUST_CHECK;
/*
 * Whether one certificate of the signature has signed these bytes; who issued that certificate is
 * for the reader to judge. ret_name: its subject. Errors: CC_ERR_CERT_FORMAT (no signature of this
 * kind), CC_ERR_CERT_SIGNATURE.
 */
enum cc_err cert_seal_check(const uint8_t *seal, size_t seal_len, const void *bytes, size_t len,
                            char ret_name[CERT_SEAL_NAME_SIZE]) CC_MUST_CHECK;

#endif
