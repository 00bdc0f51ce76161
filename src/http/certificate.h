/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * X.509 certificates with their private keys, by GnuTLS: read from PEM, and made by the box for
 * itself. Knows no files and no clock.
 */
#ifndef CC_HTTP_CERTIFICATE_H
#define CC_HTTP_CERTIFICATE_H

#include "base/err.h"
#include "http/names.h"

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CERTIFICATE_PEM_MAX = 64 * 1024,  /* a chain with its key */
    CERTIFICATE_FINGERPRINT_SIZE = 96 /* SHA-256 as "AB:CD:…" */
};

/* Shared by the connections that were opened with it: certificate_take(), certificate_release(). */
struct certificate {
    unsigned users;
    gnutls_certificate_credentials_t credentials;
    char fingerprint[CERTIFICATE_FINGERPRINT_SIZE];
    char name[NAMES_TEXT_SIZE]; /* the first DNS name without a wildcard; "" = none */
    int64_t begins_ms, ends_ms; /* UTC, of the first certificate of the chain */
};

/* PEM text; not terminated. */
struct certificate_pem {
    const char *text;
    size_t len;
};

/*
 * Reads a chain, whose first certificate is the server's, and its private key. Errors:
 * CC_ERR_CONFIG: *ret_why is then a sentence for the technician that begins with the key of the
 * configuration that is wrong. Owns: certificate_release().
 */
enum cc_err certificate_read(struct certificate_pem chain, struct certificate_pem key,
                             struct certificate **ret, const char **ret_why) CC_MUST_CHECK;
/*
 * Writes a new ECDSA P-256 key and a certificate for names, signed with it, as PEM; valid from a
 * day before now_ms for 397 days. Errors: CC_ERR_IO (the library refuses),
 * CC_ERR_NO_SPACE. Owns: the caller wipes out.
 */
enum cc_err certificate_make(const struct names *names, int64_t now_ms, char *out, size_t cap,
                             size_t *ret_len) CC_MUST_CHECK;
/* Whether it holds for the name of the computer and for its IPv4 addresses. Those of IPv6 may be
 * temporary: a browser that has accepted a certificate must not be asked again each day. */
bool certificate_covers(const struct certificate *certificate, const struct names *names);
struct certificate *certificate_take(struct certificate *certificate);
/* The last one frees it. Takes NULL. */
void certificate_release(struct certificate *certificate);

#endif
