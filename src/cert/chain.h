/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Certificates of a citizen as they come from outside: PEM, the person's certificate first and its
 * authorities behind it. GnuTLS parses them. Knows no files and no clock.
 */
#ifndef CC_CERT_CHAIN_H
#define CC_CERT_CHAIN_H

#include "base/err.h"

#include <gnutls/x509.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CERT_PEM_MAX = 64 * 1024,
    CERT_CHAIN_MAX = 8,
};

/* Start it at 0. */
struct cert_chain {
    gnutls_x509_crt_t certs[CERT_CHAIN_MAX];
    unsigned count;
};

/*
 * Reads at most CERT_PEM_MAX bytes with at most CERT_CHAIN_MAX certificates. What stands between
 * the blocks is not read. Owns: cert_chain_done(). Errors: CC_ERR_CERT_FORMAT (no certificate, or
 * one that is damaged), CC_ERR_CERT_CHAIN (too many, or a second one that is not of an authority).
 */
enum cc_err cert_chain_read(const char *pem, size_t len, struct cert_chain *ret) CC_MUST_CHECK;
void cert_chain_done(struct cert_chain *chain);

/* UTC, exclusive: a certificate is good in the whole of its last second. */
int64_t cert_find_end_ms(gnutls_x509_crt_t certificate);
/* Errors: CC_ERR_CERT_NOT_YET, CC_ERR_CERT_EXPIRED. */
enum cc_err cert_check_dates(gnutls_x509_crt_t certificate, int64_t now_ms) CC_MUST_CHECK;

#endif
