/* SPDX-License-Identifier: EUPL-1.2 */
#include "cert/chain.h"

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

static bool has_only_authorities(const struct cert_chain *chain)
{
    for (unsigned i = 1; i < chain->count; i++)
        if (gnutls_x509_crt_get_ca_status(chain->certs[i], NULL) != 1)
            return false;
    return true;
}

enum cc_err cert_chain_read(const char *pem, size_t len, struct cert_chain *ret)
{
    const gnutls_datum_t text = {(unsigned char *)(uintptr_t)pem, (unsigned)len};
    struct cert_chain chain = {.count = CERT_CHAIN_MAX};
    if (len > CERT_PEM_MAX)
        return CC_ERR_CERT_FORMAT;
    int result = gnutls_x509_crt_list_import(chain.certs, &chain.count, &text, GNUTLS_X509_FMT_PEM,
                                             GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
    if (result == GNUTLS_E_SHORT_MEMORY_BUFFER)
        return CC_ERR_CERT_CHAIN;
    if (result <= 0)
        return CC_ERR_CERT_FORMAT;
    chain.count = (unsigned)result;
    if (!has_only_authorities(&chain)) {
        cert_chain_done(&chain);
        return CC_ERR_CERT_CHAIN;
    }
    *ret = chain;
    return CC_OK;
}

void cert_chain_done(struct cert_chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++)
        gnutls_x509_crt_deinit(chain->certs[i]);
    chain->count = 0;
}

int64_t cert_find_end_ms(gnutls_x509_crt_t certificate)
{
    return ((int64_t)gnutls_x509_crt_get_expiration_time(certificate) + 1) * MS_PER_S;
}

enum cc_err cert_check_dates(gnutls_x509_crt_t certificate, int64_t now_ms)
{
    if (now_ms < (int64_t)gnutls_x509_crt_get_activation_time(certificate) * MS_PER_S)
        return CC_ERR_CERT_NOT_YET;
    return now_ms >= cert_find_end_ms(certificate) ? CC_ERR_CERT_EXPIRED : CC_OK;
}
