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
#include "service/service.h"

#include <stdbool.h>

struct http;

struct http_config {
    const struct route *routes; /* in the order in which they are tried */
    size_t route_count;
    void *shared;                        /* for the handlers: context->shared */
    const char *listen;                  /* "127.0.0.1:8024", "[::1]:8024"; port 0 = any free one */
    const char *control_path;            /* "" = no control socket */
    const char *proxies;                 /* see peer.h; "" = none */
    const char *trusted;                 /* whose X-Forwarded-For is believed; likewise */
    int64_t per_address;                 /* connections of one address; 0 = no limit */
    int64_t header_ms, body_ms, idle_ms; /* see slots.h; reading the answer has body_ms too */
};

/* Errors: CC_ERR_ADDRESS_IN_USE, CC_ERR_CONFIG (address, or off loopback: there is no TLS),
 * CC_ERR_IO, CC_ERR_DB. */
enum cc_err http_new(struct loop *loop, struct service *service, const struct http_config *config,
                     struct http **ret) CC_MUST_CHECK;
void http_free(struct http *http);
/* Answers 503 `cerrando` to everything new; requests that wait for their commit are still answered.
 */
void http_drain(struct http *http);
/* The port that is listened on. */
unsigned http_port(const struct http *http);

#endif
