/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The certificate of the TLS listeners: read from the files of the configuration, or made by the
 * box, kept beside its data and renewed before it ends. A connection keeps the certificate that it
 * was opened with; a new one is for the connections that come after it.
 */
#ifndef CC_HTTP_TLS_H
#define CC_HTTP_TLS_H

#include "base/loop.h"
#include "domain/pins.h"
#include "http/certificate.h"
#include "service/service.h"

struct tls;

struct tls_files {
    const char *certificate, *key; /* certificado, clave_tls; both "" = the box makes its own */
    const char *own;               /* the box's own, certificate and key in one file of mode 0600 */
    const char *authorities; /* autoridad_clientes: of the programs' certificates; "" = none */
};

/* TLS 1.2 and 1.3, only with key exchanges that cost this program under a millisecond. */
extern const char tls_priorities[];

/* Loads the files of the configuration and logs what is wrong with them. Errors: CC_ERR_CONFIG. */
enum cc_err tls_check(const struct tls_files *files) CC_MUST_CHECK;
/*
 * Keeps in *told what is told about the certificate. A configured certificate that has ended, or
 * does not begin yet, is logged as an error and used: the box must come up when its clock is wrong.
 * Errors: as tls_check(). Owns: tls_free(); files may go.
 */
enum cc_err tls_new(struct loop *loop, const struct tls_files *files, struct service *service,
                    struct tls **ret) CC_MUST_CHECK;
/* Takes NULL. */
void tls_free(struct tls *tls);
/*
 * Reads the files again. What cannot be used, now or at all, is logged and the certificate in use
 * stays. Errors: CC_ERR_CONFIG.
 */
enum cc_err tls_reload(struct tls *tls, const struct tls_files *files) CC_MUST_CHECK;
/*
 * Gives a new session (gnutls_session_t) the certificate in use, and lets it ask for the other
 * side's. Owns: certificate_release() when the session has ended.
 */
struct certificate *tls_begin(struct tls *tls, void *session, bool asks_certificate);
/* Judges what the other side of a session has shown, and when it ends: cert_client_judge(). Errors:
 * its. */
enum cc_err tls_judge_client(const struct tls *tls, void *session, const struct pins *pins,
                             int64_t *ret_ends_ms) CC_MUST_CHECK;

#endif
