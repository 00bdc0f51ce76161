/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Functions of GnuTLS that tell or take a time, where its time_t has 32 bits and that of this
 * program has 64 (Debian 12 on armhf): each call comes by here (ld --wrap; see the Makefile).
 * GnuTLS itself takes dates after 2037 for the last day of it.
 */
#include <gnutls/x509.h>
#include <stdint.h>

static int32_t to_time32(int64_t at_s)
{
    return at_s > INT32_MAX ? INT32_MAX : (int32_t)at_s;
}

/* clang-format off */
#define TELLS(name, of) \
    int32_t __real_##name(of from); \
    int64_t __wrap_##name(of from); \
    int64_t __wrap_##name(of from) \
    { \
        return __real_##name(from); \
    }
#define TAKES(name, of) \
    int __real_##name(of into, int32_t at_s); \
    int __wrap_##name(of into, int64_t at_s); \
    int __wrap_##name(of into, int64_t at_s) \
    { \
        return __real_##name(into, to_time32(at_s)); \
    }

TELLS(gnutls_x509_crt_get_activation_time, gnutls_x509_crt_t)
TELLS(gnutls_x509_crt_get_expiration_time, gnutls_x509_crt_t)
TELLS(gnutls_x509_crl_get_this_update, gnutls_x509_crl_t)
TELLS(gnutls_x509_crl_get_next_update, gnutls_x509_crl_t)
TAKES(gnutls_x509_crt_set_activation_time, gnutls_x509_crt_t)
TAKES(gnutls_x509_crt_set_expiration_time, gnutls_x509_crt_t)
TAKES(gnutls_x509_crl_set_this_update, gnutls_x509_crl_t)
TAKES(gnutls_x509_crl_set_next_update, gnutls_x509_crl_t)
/* clang-format on */

int __real_gnutls_x509_crl_set_crt(gnutls_x509_crl_t list, gnutls_x509_crt_t crt, int32_t at_s);
int __wrap_gnutls_x509_crl_set_crt(gnutls_x509_crl_t list, gnutls_x509_crt_t crt, int64_t at_s);

int __wrap_gnutls_x509_crl_set_crt(gnutls_x509_crl_t list, gnutls_x509_crt_t crt, int64_t at_s)
{
    return __real_gnutls_x509_crl_set_crt(list, crt, to_time32(at_s));
}
