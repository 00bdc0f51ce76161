/* SPDX-License-Identifier: EUPL-1.2 */
/* An answer as libmicrohttpd takes it, with the headers that each of ours has. */
#ifndef CC_HTTP_ANSWER_H
#define CC_HTTP_ANSWER_H

#include "base/buf.h"
#include "http/problem.h"

#include <microhttpd.h>
#include <stdbool.h>

struct answer_options {
    bool replayed; /* Idempotency-Replayed: true */
    bool close;    /* Connection: close */
};

/* body is copied. NULL without memory. Owns: MHD_destroy_response(). */
struct MHD_Response *answer_new(const struct buf *body, struct answer_options options);
struct MHD_Response *answer_new_problem(const struct problem *problem,
                                        struct answer_options options);

#endif
