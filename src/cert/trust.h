/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a town trusts: certificates of authorities and their revocation lists, from two folders.
 * Both are read anew by each child that proves a certificate (service/proofs.h): a file that a
 * technician puts there counts at once, and the loop reads nothing. Knows no clock.
 */
#ifndef CC_CERT_TRUST_H
#define CC_CERT_TRUST_H

#include "base/err.h"

#include <gnutls/x509.h>
#include <stddef.h>

enum {
    CERT_ROOTS_MAX = 128,
    CERT_LISTS_MAX = 1024,
    CERT_FILES_MAX = 4096,                /* of a folder; what is behind them is not read */
    CERT_ROOT_FILE_MAX = 256 * 1024,      /* bytes of a file of authorities */
    CERT_LIST_FILE_MAX = 32 * 1024 * 1024 /* bytes of a revocation list */
};

struct cert_trust {
    gnutls_x509_crt_t roots[CERT_ROOTS_MAX];
    unsigned root_count;
    gnutls_x509_crl_t lists[CERT_LISTS_MAX];
    unsigned list_count;
};

/* Empty. Owns: cert_trust_free(). NULL = no memory. */
struct cert_trust *cert_trust_new(void);
/* Adds the authorities of a file's content, PEM (one or several) or DER. Others than authorities,
 * and what is no certificate, are left out. */
void cert_trust_add_roots(struct cert_trust *trust, const void *bytes, size_t len);
/* Adds a revocation list, PEM or DER. */
void cert_trust_add_list(struct cert_trust *trust, const void *bytes, size_t len);
/*
 * Adds both folders; list_dir "" = none. Errors: CC_ERR_CERT_NO_TRUST (the first holds no
 * authority, or cannot be read).
 */
enum cc_err cert_trust_load(const char *root_dir, const char *list_dir,
                            struct cert_trust *trust) CC_MUST_CHECK;
/* Takes NULL. */
void cert_trust_free(struct cert_trust *trust);

#endif
