/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The HTTP face: libmicrohttpd inside the one loop (DESIGN decision 1), on TCP for the sede and on
 * a Unix socket for contraclavectl. Writing handlers join the turn's transaction; their connection
 * is suspended until the turn's COMMIT and resumed with the answer.
 */
#ifndef CC_HTTP_SERVER_H
#define CC_HTTP_SERVER_H

#include "base/loop.h"
#include "http/route.h"
#include "http/tls.h"
#include "service/service.h"

#include <stdbool.h>

struct http;

struct http_config {
    const struct route *routes; /* in the order in which they are tried */
    size_t route_count;
    void *shared;                        /* for the handlers: context->shared */
    const char *listen;                  /* see listen_parse(); port 0 = any free one */
    struct tls_files tls;                /* of the TLS listeners, if there are any */
    const char *control_path;            /* "" = no control socket */
    const char *proxies;                 /* see peer.h; "" = none */
    const char *trusted;                 /* whose X-Forwarded-For is believed; likewise */
    int64_t per_address;                 /* connections of one address; 0 = no limit */
    int64_t header_ms, body_ms, idle_ms; /* see slots.h; reading the answer has body_ms too */
};

/* Errors: CC_ERR_ADDRESS_IN_USE, CC_ERR_CONFIG (addresses, certificate), CC_ERR_IO, CC_ERR_DB. */
enum cc_err http_new(struct service *service, const struct http_config *config,
                     struct http **ret) CC_MUST_CHECK;
void http_free(struct http *http);
/* Answers 503 `shutting_down` to everything new; requests that wait for their commit are still
 * answered.
 */
void http_drain(struct http *http);
/* Reads the certificate again, if a listener needs one. Errors: as tls_reload(). */
enum cc_err http_reload_tls(struct http *http, const struct tls_files *files) CC_MUST_CHECK;
/* The port of the first listening address. */
unsigned http_port(const struct http *http);
/* Writes the listening addresses, with the ports that were free for those of port 0. */
void http_write_listening(const struct http *http, struct buf *out);
/* Writes where a browser reaches the pages: "https://192.0.2.7:8443". */
void http_write_url(const struct http *http, struct buf *out);

#endif
