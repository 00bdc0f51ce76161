/* SPDX-License-Identifier: EUPL-1.2 */
#include "cert/seal.h"

#include "cert/chain.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs7.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static gnutls_datum_t datum_of(const void *bytes, size_t len)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)bytes, (unsigned)len};
}

/* ---- making one ------------------------------------------------------------------------------ */

/* Copies what GnuTLS has allocated. */
static enum cc_err take_bytes(gnutls_datum_t *made, uint8_t **ret, size_t *ret_len)
{
    uint8_t *copy = malloc(made->size);
    if (copy != NULL) {
        memcpy(copy, made->data, made->size);
        *ret = copy;
        *ret_len = made->size;
    }
    gnutls_free(made->data);
    return copy != NULL ? CC_OK : CC_ERR_MEMORY;
}

static enum cc_err sign_with(const struct cert_chain *chain, gnutls_privkey_t key,
                             const gnutls_datum_t *bytes, uint8_t **ret, size_t *ret_len)
{
    gnutls_pkcs7_t pkcs7;
    gnutls_datum_t made = {NULL, 0};
    if (gnutls_pkcs7_init(&pkcs7) < 0)
        return CC_ERR_MEMORY;
    int result =
        gnutls_pkcs7_sign(pkcs7, chain->certs[0], key, bytes, NULL, NULL, GNUTLS_DIG_SHA256,
                          GNUTLS_PKCS7_INCLUDE_TIME | GNUTLS_PKCS7_INCLUDE_CERT);
    for (unsigned i = 1; i < chain->count && result >= 0; i++)
        result = gnutls_pkcs7_set_crt(pkcs7, chain->certs[i]);
    if (result >= 0)
        result = gnutls_pkcs7_export2(pkcs7, GNUTLS_X509_FMT_DER, &made);
    gnutls_pkcs7_deinit(pkcs7);
    return result >= 0 ? take_bytes(&made, ret, ret_len) : CC_ERR_CERT_SIGNATURE;
}

/* What was signed must be what the certificate verifies: the key could be another one's. */
static enum cc_err sign_and_check(const struct cert_chain *chain, gnutls_privkey_t key,
                                  const gnutls_datum_t *bytes, uint8_t **ret, size_t *ret_len)
{
    char name[CERT_SEAL_NAME_SIZE];
    uint8_t *made = NULL;
    size_t len = 0;
    enum cc_err err = sign_with(chain, key, bytes, &made, &len);
    if (err == CC_OK)
        err = cert_seal_check(made, len, bytes->data, bytes->size, name);
    if (err != CC_OK) {
        free(made);
        return err;
    }
    *ret = made;
    *ret_len = len;
    return CC_OK;
}

enum cc_err cert_seal_make(const struct cert_seal_pem *pem, const void *bytes, size_t len,
                           int64_t now_ms, uint8_t **ret, size_t *ret_len)
{
    const gnutls_datum_t key_text = datum_of(pem->key, pem->key_len), text = datum_of(bytes, len);
    struct cert_chain chain;
    gnutls_privkey_t key;
    enum cc_err err = cert_chain_read(pem->certificate, pem->certificate_len, &chain);
    if (err != CC_OK)
        return err;
    if (gnutls_privkey_init(&key) < 0) {
        cert_chain_done(&chain);
        return CC_ERR_MEMORY;
    }
    err = cert_check_dates(chain.certs[0], now_ms);
    if (err == CC_OK &&
        gnutls_privkey_import_x509_raw(key, &key_text, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
        err = CC_ERR_CERT_SIGNATURE;
    if (err == CC_OK)
        err = sign_and_check(&chain, key, &text, ret, ret_len);
    gnutls_privkey_deinit(key);
    cert_chain_done(&chain);
    return err;
}

/* ---- checking one ---------------------------------------------------------------------------- */

/* A seal stays good when its certificate has ended; cert_seal_make() has looked at its dates.
 * GnuTLS takes either flag alone for none. */
enum {
    AT_ANY_TIME = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS
};

static bool has_signed(gnutls_pkcs7_t pkcs7, const gnutls_datum_t *der, const gnutls_datum_t *bytes,
                       char ret_name[CERT_SEAL_NAME_SIZE])
{
    gnutls_x509_crt_t certificate;
    size_t size = CERT_SEAL_NAME_SIZE;
    if (gnutls_x509_crt_init(&certificate) < 0)
        return false;
    bool is_signer = gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER) >= 0 &&
                     gnutls_pkcs7_verify_direct(pkcs7, certificate, 0, bytes, AT_ANY_TIME) >= 0 &&
                     gnutls_x509_crt_get_dn(certificate, ret_name, &size) >= 0;
    gnutls_x509_crt_deinit(certificate);
    return is_signer;
}

static bool finds_signer(gnutls_pkcs7_t pkcs7, const gnutls_datum_t *bytes,
                         char ret_name[CERT_SEAL_NAME_SIZE])
{
    int count = gnutls_pkcs7_get_crt_count(pkcs7);
    bool is_found = false;
    for (int i = 0; i < count && i < CERT_CHAIN_MAX && !is_found; i++) {
        gnutls_datum_t der = {NULL, 0};
        is_found = gnutls_pkcs7_get_crt_raw2(pkcs7, (unsigned)i, &der) >= 0 &&
                   has_signed(pkcs7, &der, bytes, ret_name);
        gnutls_free(der.data);
    }
    return is_found;
}

enum cc_err cert_seal_check(const uint8_t *seal, size_t seal_len, const void *bytes, size_t len,
                            char ret_name[CERT_SEAL_NAME_SIZE])
{
    const gnutls_datum_t der = datum_of(seal, seal_len), text = datum_of(bytes, len);
    gnutls_pkcs7_t pkcs7;
    enum cc_err err = CC_ERR_CERT_SIGNATURE;
    if (gnutls_pkcs7_init(&pkcs7) < 0)
        return CC_ERR_CERT_FORMAT;
    if (gnutls_pkcs7_import(pkcs7, &der, GNUTLS_X509_FMT_DER) < 0 ||
        gnutls_pkcs7_get_signature_count(pkcs7) != 1)
        err = CC_ERR_CERT_FORMAT;
    else if (finds_signer(pkcs7, &text, ret_name))
        err = CC_OK;
    gnutls_pkcs7_deinit(pkcs7);
    return err;
}
