/* SPDX-License-Identifier: EUPL-1.2 */
#include "cert/prove.h"

#include "base/span.h"

#include <stdbool.h>
#include <string.h>

enum { RSA_BITS_MIN = 2048, CURVE_BITS_MIN = 256, SERIAL_MAX = 64 };

/* From the person's certificate up; the last is trusted. */
struct path {
    gnutls_x509_crt_t certs[CERT_CHAIN_MAX + 1];
    unsigned count;
};

static gnutls_x509_crt_t find_root(const struct cert_trust *trust, gnutls_x509_crt_t cert)
{
    for (unsigned i = 0; i < trust->root_count; i++)
        if (gnutls_x509_crt_check_issuer(cert, trust->roots[i]) == 1)
            return trust->roots[i];
    return NULL;
}

/* Takes each certificate of the chain once, so that a chain in a circle ends. */
static gnutls_x509_crt_t take_issuer(const struct cert_chain *chain, gnutls_x509_crt_t cert,
                                     bool taken[CERT_CHAIN_MAX])
{
    for (unsigned i = 1; i < chain->count; i++) {
        if (!taken[i] && gnutls_x509_crt_check_issuer(cert, chain->certs[i]) == 1) {
            taken[i] = true;
            return chain->certs[i];
        }
    }
    return NULL;
}

static enum cc_err find_path(const struct cert_chain *chain, const struct cert_trust *trust,
                             struct path *ret)
{
    bool taken[CERT_CHAIN_MAX] = {false};
    gnutls_x509_crt_t cert = chain->certs[0];
    if (gnutls_x509_crt_check_issuer(cert, cert) == 1)
        return CC_ERR_CERT_SELF_MADE;
    *ret = (struct path){.certs = {cert}, .count = 1};
    while (cert != NULL) {
        gnutls_x509_crt_t root = find_root(trust, cert);
        cert = root != NULL ? NULL : take_issuer(chain, cert, taken);
        if (root != NULL || cert != NULL)
            ret->certs[ret->count++] = root != NULL ? root : cert;
        if (root != NULL)
            return CC_OK;
    }
    return CC_ERR_CERT_ISSUER;
}

static bool has_strong_key(gnutls_x509_crt_t cert)
{
    unsigned bits = 0;
    switch (gnutls_x509_crt_get_pk_algorithm(cert, &bits)) {
    case GNUTLS_PK_RSA:
    case GNUTLS_PK_RSA_PSS:
        return bits >= RSA_BITS_MIN;
    case GNUTLS_PK_ECDSA:
    case GNUTLS_PK_EDDSA_ED25519:
    case GNUTLS_PK_EDDSA_ED448:
        return bits >= CURVE_BITS_MIN;
    default:
        return false;
    }
}

static bool has_strong_signature(gnutls_x509_crt_t cert)
{
    static const gnutls_sign_algorithm_t strong[] = {
        GNUTLS_SIGN_RSA_SHA256,          GNUTLS_SIGN_RSA_SHA384,
        GNUTLS_SIGN_RSA_SHA512,          GNUTLS_SIGN_RSA_PSS_SHA256,
        GNUTLS_SIGN_RSA_PSS_SHA384,      GNUTLS_SIGN_RSA_PSS_SHA512,
        GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384,
        GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, GNUTLS_SIGN_ECDSA_SHA256,
        GNUTLS_SIGN_ECDSA_SHA384,        GNUTLS_SIGN_ECDSA_SHA512,
        GNUTLS_SIGN_EDDSA_ED25519,       GNUTLS_SIGN_EDDSA_ED448,
    };
    int algorithm = gnutls_x509_crt_get_signature_algorithm(cert);
    for (size_t i = 0; i < sizeof(strong) / sizeof(strong[0]); i++)
        if (algorithm == (int)strong[i])
            return true;
    return false;
}

/* The signature of a trusted authority on itself proves nothing, and may be old. */
static bool is_strong(const struct path *path)
{
    for (unsigned i = 0; i < path->count; i++)
        if (!has_strong_key(path->certs[i]) ||
            (i + 1 < path->count && !has_strong_signature(path->certs[i])))
            return false;
    return true;
}

static enum cc_err check_dates(const struct path *path, int64_t now_ms)
{
    enum cc_err err = CC_OK;
    for (unsigned i = 0; err == CC_OK && i < path->count; i++)
        err = cert_check_dates(path->certs[i], now_ms);
    return err;
}

/* Signatures, lengths of path, names and uses of the authorities. Times were checked before. */
static enum cc_err check_signatures(const struct path *path)
{
    const unsigned flags =
        GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
    unsigned status = 0;
    int result = gnutls_x509_crt_list_verify(
        path->certs, path->count - 1, &path->certs[path->count - 1], 1, NULL, 0, flags, &status);
    return result == 0 && status == 0 ? CC_OK : CC_ERR_CERT_SIGNATURE;
}

static bool lists_serial(gnutls_x509_crl_t list, const unsigned char *serial, size_t serial_len)
{
    unsigned char listed[SERIAL_MAX];
    gnutls_x509_crl_iter_t iter = NULL;
    size_t len = sizeof(listed);
    bool found = false;
    while (!found && gnutls_x509_crl_iter_crt_serial(list, &iter, listed, &len, NULL) == 0) {
        found = len == serial_len && memcmp(listed, serial, len) == 0;
        len = sizeof(listed);
    }
    gnutls_x509_crl_iter_deinit(iter);
    return found;
}

/* GnuTLS holds the dates of a list to its own clock with any flags: is_in_force() judges them.
 */
static bool is_signed_by(gnutls_x509_crl_t list, gnutls_x509_crt_t issuer)
{
    const unsigned only_dates = GNUTLS_CERT_INVALID | GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
                                GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;
    unsigned status = 0;
    return gnutls_x509_crl_check_issuer(list, issuer) == 1 &&
           gnutls_x509_crl_verify(list, &issuer, 1, 0, &status) == 0 && (status & ~only_dates) == 0;
}

static bool is_in_force(gnutls_x509_crl_t list, int64_t now_ms)
{
    return now_ms >= (int64_t)gnutls_x509_crl_get_this_update(list) * MS_PER_S &&
           now_ms < (int64_t)gnutls_x509_crl_get_next_update(list) * MS_PER_S;
}

/* An authority without a list is not asked about: DNIe publishes none. */
static enum cc_err check_lists(gnutls_x509_crt_t cert, gnutls_x509_crt_t issuer,
                               const struct cert_trust *trust, int64_t now_ms)
{
    unsigned char serial[SERIAL_MAX];
    size_t len = sizeof(serial);
    bool has_list = false, has_fresh = false;
    if (gnutls_x509_crt_get_serial(cert, serial, &len) < 0)
        return CC_ERR_CERT_FORMAT;
    for (unsigned i = 0; i < trust->list_count; i++) {
        if (!is_signed_by(trust->lists[i], issuer))
            continue;
        if (lists_serial(trust->lists[i], serial, len))
            return CC_ERR_CERT_REVOKED;
        has_list = true;
        has_fresh |= is_in_force(trust->lists[i], now_ms);
    }
    return has_list && !has_fresh ? CC_ERR_CERT_OLD_LIST : CC_OK;
}

enum cc_err prove_chain(const struct cert_chain *chain, const struct cert_trust *trust,
                        int64_t now_ms)
{
    struct path path;
    enum cc_err err = find_path(chain, trust, &path);
    if (err == CC_OK && !is_strong(&path))
        err = CC_ERR_CERT_WEAK;
    if (err == CC_OK)
        err = check_dates(&path, now_ms);
    if (err == CC_OK)
        err = check_signatures(&path);
    for (unsigned i = 0; err == CC_OK && i + 1 < path.count; i++)
        err = check_lists(path.certs[i], path.certs[i + 1], trust, now_ms);
    return err;
}

enum cc_err prove_from_folders(const char *pem, size_t len, const char *root_dir,
                               const char *list_dir, int64_t now_ms, struct cert_person *ret)
{
    struct cert_chain chain = {0};
    struct cert_trust *trust = cert_trust_new();
    if (trust == NULL)
        return CC_ERR_MEMORY;
    enum cc_err err = cert_chain_read(pem, len, &chain);
    if (err == CC_OK)
        err = cert_trust_load(root_dir, list_dir, trust);
    if (err == CC_OK)
        err = prove_chain(&chain, trust, now_ms);
    if (err == CC_OK)
        err = cert_person_read(chain.certs[0], ret);
    cert_chain_done(&chain);
    cert_trust_free(trust);
    return err;
}
