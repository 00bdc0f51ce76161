/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/answer.h"

#include <inttypes.h>
#include <stdio.h>

enum { PROBLEM_SIZE = 1024, NUMBER_SIZE = 24 };

static bool add(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool add_common(struct MHD_Response *response, const char *type,
                       struct answer_options options)
{
    return add(response, "Content-Type", type) && add(response, "Cache-Control", "no-store") &&
           add(response, "X-Content-Type-Options", "nosniff") &&
           (!options.replayed || add(response, "Idempotency-Replayed", "true")) &&
           (!options.close || add(response, "Connection", "close"));
}

static struct MHD_Response *make(const struct buf *body, const char *type,
                                 struct answer_options options)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body->len, body->data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return NULL;
    if (!add_common(response, type, options)) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

struct MHD_Response *answer_new(const struct buf *body, struct answer_options options)
{
    return make(body, "application/json", options);
}

/* The headers that belong to some errors. */
static bool add_special(struct MHD_Response *response, const struct problem *problem)
{
    char wait[NUMBER_SIZE];
    if (problem->err == CC_ERR_UNAUTHENTICATED)
        return add(response, "WWW-Authenticate", "Bearer");
    if (problem->err == CC_ERR_METHOD)
        return add(response, "Allow", problem->allow);
    if (err_http_status(problem->err) != MHD_HTTP_TOO_MANY_REQUESTS &&
        err_http_status(problem->err) != MHD_HTTP_SERVICE_UNAVAILABLE)
        return true;
    (void)snprintf(wait, sizeof(wait), "%" PRId64, problem->wait_s > 0 ? problem->wait_s : 1);
    return add(response, "Retry-After", wait);
}

struct MHD_Response *answer_new_problem(const struct problem *problem,
                                        struct answer_options options)
{
    char storage[PROBLEM_SIZE];
    struct buf body;
    buf_init(&body, storage, sizeof(storage));
    problem_render(problem, &body);
    struct MHD_Response *response = make(&body, "application/problem+json", options);
    if (response == NULL || add_special(response, problem))
        return response;
    MHD_destroy_response(response);
    return NULL;
}
