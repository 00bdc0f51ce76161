/* SPDX-License-Identifier: EUPL-1.2 */
#include "cert/client.h"

#include "cert/prove.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

enum { RSA_BITS_MAX = 4096, EXPONENT_BYTES_MAX = 5 };

static bool has_light_rsa(gnutls_x509_crt_t cert, unsigned bits)
{
    gnutls_datum_t modulus, exponent;
    if (bits > RSA_BITS_MAX || gnutls_x509_crt_get_pk_rsa_raw(cert, &modulus, &exponent) < 0)
        return false;
    bool is_short = exponent.size <= EXPONENT_BYTES_MAX; /* 65537, and a zero before it */
    gnutls_free(modulus.data);
    gnutls_free(exponent.data);
    return is_short;
}

static bool has_light_key(gnutls_x509_crt_t cert)
{
    unsigned bits = 0;
    switch (gnutls_x509_crt_get_pk_algorithm(cert, &bits)) {
    case GNUTLS_PK_RSA:
    case GNUTLS_PK_RSA_PSS:
        return has_light_rsa(cert, bits);
    case GNUTLS_PK_ECDSA:
    case GNUTLS_PK_EDDSA_ED25519:
    case GNUTLS_PK_EDDSA_ED448:
        return true;
    default:
        return false;
    }
}

static bool read_chain(const gnutls_datum_t *ders, unsigned count, struct cert_chain *ret)
{
    if (count > CERT_CHAIN_MAX)
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (gnutls_x509_crt_init(&ret->certs[i]) < 0)
            return false;
        ret->count++;
        if (gnutls_x509_crt_import(ret->certs[i], &ders[i], GNUTLS_X509_FMT_DER) < 0)
            return false;
    }
    return true;
}

bool cert_client_is_light(const gnutls_datum_t *ders, unsigned count)
{
    struct cert_chain chain = {.count = 0};
    bool is_light = read_chain(ders, count, &chain);
    for (unsigned i = 0; is_light && i < count; i++)
        is_light = has_light_key(chain.certs[i]);
    cert_chain_done(&chain);
    return is_light;
}

static enum cc_err check_dates(gnutls_x509_crt_t leaf, int64_t now_ms)
{
    bool is_good = cert_check_dates(leaf, now_ms) == CC_OK;
    return is_good ? CC_OK : CC_ERR_CLIENT_CERTIFICATE_EXPIRED;
}

/* A certificate of a server proves a server: the authority may sign both. */
static enum cc_err check_authority(const struct cert_chain *chain, const struct cert_trust *trust,
                                   int64_t now_ms)
{
    if (trust == NULL ||
        gnutls_x509_crt_check_key_purpose(chain->certs[0], GNUTLS_KP_TLS_WWW_CLIENT, 0) == 0)
        return CC_ERR_CLIENT_CERTIFICATE_UNTRUSTED;
    enum cc_err err = prove_chain(chain, trust, now_ms);
    if (err == CC_ERR_CERT_EXPIRED || err == CC_ERR_CERT_NOT_YET)
        return CC_ERR_CLIENT_CERTIFICATE_EXPIRED;
    return err == CC_OK ? CC_OK : CC_ERR_CLIENT_CERTIFICATE_UNTRUSTED;
}

static enum cc_err judge_chain(const gnutls_datum_t *leaf, const struct cert_chain *chain,
                               const struct pins *pins, const struct cert_trust *trust,
                               int64_t now_ms)
{
    uint8_t print[PIN_BYTES];
    size_t len = sizeof(print);
    if (gnutls_fingerprint(GNUTLS_DIG_SHA256, leaf, print, &len) < 0 || !pins_admit(pins, print))
        return CC_ERR_CLIENT_CERTIFICATE_UNTRUSTED;
    return pins->by_authority ? check_authority(chain, trust, now_ms)
                              : check_dates(chain->certs[0], now_ms);
}

enum cc_err cert_client_judge(const gnutls_datum_t *ders, unsigned count, const struct pins *pins,
                              const struct cert_trust *trust, int64_t now_ms, int64_t *ret_ends_ms)
{
    struct cert_chain chain = {.count = 0};
    if (count == 0)
        return CC_ERR_CLIENT_CERTIFICATE_MISSING;
    enum cc_err err = CC_ERR_CLIENT_CERTIFICATE_UNTRUSTED;
    if (read_chain(ders, count, &chain))
        err = judge_chain(&ders[0], &chain, pins, trust, now_ms);
    if (err == CC_OK)
        *ret_ends_ms = cert_find_end_ms(chain.certs[0]);
    cert_chain_done(&chain);
    return err;
}
