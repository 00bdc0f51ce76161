/* SPDX-License-Identifier: EUPL-1.2 */
/* Makes the response of libmicrohttpd for an answer, with the headers that all answers have. */
#ifndef CC_HTTP_ANSWER_H
#define CC_HTTP_ANSWER_H

#include "base/buf.h"
#include "http/problem.h"

#include <microhttpd.h>
#include <stdbool.h>

enum { ANSWER_HEADERS_MAX = 10, ANSWER_ETAG_SIZE = 24 };

#define ANSWER_PROBLEM_TYPE "application/problem+json"

/* A body that is read piece by piece while it is sent, in place of what the handler wrote. */
struct answer_source {
    uint64_t size;
    MHD_ContentReaderCallback read;
    MHD_ContentReaderFreeCallback close; /* called once, also where nothing was sent */
    void *user;
};

/* The strings are copied after the handler has returned: they are literals, or live longer. */
struct answer {
    unsigned status;  /* of the route, until a handler sets another */
    const char *type; /* media type; likewise; NULL = the answer has no body */
    struct {
        const char *name, *value;
    } headers[ANSWER_HEADERS_MAX];
    size_t header_count;
    char etag[ANSWER_ETAG_SIZE]; /* with its quotes; "" = none */
    struct answer_source source; /* read is NULL: none */
    bool replayed;               /* Idempotency-Replayed: true */
    bool close;                  /* Connection: close */
};

/* Adds a header to the answer; at most ANSWER_HEADERS_MAX. */
void answer_add_header(struct answer *answer, const char *name, const char *value);
/* body is copied. NULL without memory. Owns: MHD_destroy_response(). */
struct MHD_Response *answer_new(const struct answer *answer, const struct buf *body);
/* The same, compressed by gzip where that is shorter. */
struct MHD_Response *answer_new_packed(const struct answer *answer, const struct buf *body);
struct MHD_Response *answer_new_problem(const struct answer *answer, const struct problem *problem);
bool answer_put_header(struct MHD_Response *response, const char *name, const char *value);
/* The response; of one that could not be made whole, NULL: it is destroyed. Takes NULL. */
struct MHD_Response *answer_take_whole(struct MHD_Response *response, bool is_whole);
/* Puts the headers of the answer on a response. False without memory. */
bool answer_add_headers(const struct answer *answer, struct MHD_Response *response);

#endif
