/* SPDX-License-Identifier: EUPL-1.2 */
/* State that all requests share. There is one thread: between two handlers the scratch space is
 * free. */
#ifndef CC_HTTP_CONTEXT_H
#define CC_HTTP_CONTEXT_H

#include "http/peer.h"
#include "http/route.h"
#include "service/service.h"

#include <sys/queue.h>

enum {
    HTTP_BODY_MAX = 16 * 1024,
    HTTP_BODY_LARGE = 80 * 1024,  /* with a certificate and its chain */
    HTTP_ANSWER_MAX = 256 * 1024, /* the longest list of contraclavectl */
    HTTP_IDENTITY_MAX = HTTP_BODY_LARGE + 512
};

struct door;
struct exchange;
struct loop_source;
struct stream;
struct tally;
struct tls;

struct http_context {
    struct service *service;
    const struct route *routes;
    size_t route_count;
    struct tally *tally;         /* of the answers: a row for each route, and two more */
    struct peer_proxies trusted; /* whose X-Forwarded-For is believed */
    bool draining;
    size_t waiting;          /* answers that wait for their commit, or are held */
    struct exchange *held;   /* the first of the latter */
    struct exchange *spares; /* exchange_parts.c */
    size_t spare_count;
    struct loop_source *round; /* see exchange.c; NULL: the end, and nothing is put off */
    bool awaits_round;
    LIST_HEAD(, stream) streams;
    size_t stream_count; /* without those that were ended */
    void *shared;        /* kept by the handlers between requests; not used by http */
    char answer[HTTP_ANSWER_MAX];
    char identity[HTTP_IDENTITY_MAX]; /* method, path and body: what tells two requests apart */
};

/* A listening socket. */
struct http_side {
    struct http_context *context;
    unsigned callers; /* kinds of caller that may come in here: bits of enum caller_kind */
    struct tls *tls;  /* NULL = plain */
    struct door *door;
    int64_t served_us; /* of work for its requests, since the loop last came round */
};

#endif
