/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/answer.h"

#include "http/pack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PROBLEM_SIZE = 1024, NUMBER_SIZE = 24, SOURCE_BLOCK = 16 * 1024 };

bool answer_put_header(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

struct MHD_Response *answer_take_whole(struct MHD_Response *response, bool is_whole)
{
    if (response == NULL || is_whole)
        return response;
    MHD_destroy_response(response);
    return NULL;
}

void answer_add_header(struct answer *answer, const char *name, const char *value)
{
    if (answer->header_count == ANSWER_HEADERS_MAX)
        abort(); /* the handlers are few, and each knows how many it adds */
    answer->headers[answer->header_count].name = name;
    answer->headers[answer->header_count++].value = value;
}

bool answer_add_headers(const struct answer *answer, struct MHD_Response *response)
{
    bool is_done =
        (answer->type == NULL || answer_put_header(response, "Content-Type", answer->type)) &&
        answer_put_header(response, "Cache-Control", "no-store") &&
        answer_put_header(response, "X-Content-Type-Options", "nosniff") &&
        (answer->etag[0] == '\0' || answer_put_header(response, "ETag", answer->etag)) &&
        (!answer->replayed || answer_put_header(response, "Idempotency-Replayed", "true")) &&
        (!answer->close || answer_put_header(response, "Connection", "close"));
    for (size_t i = 0; is_done && i < answer->header_count; i++)
        is_done = answer_put_header(response, answer->headers[i].name, answer->headers[i].value);
    return is_done;
}

static struct MHD_Response *add_headers_or_free(const struct answer *answer,
                                                struct MHD_Response *response)
{
    return answer_take_whole(response, response != NULL && answer_add_headers(answer, response));
}

static struct MHD_Response *new_from_source(const struct answer_source *source)
{
    struct MHD_Response *response = MHD_create_response_from_callback(
        source->size, SOURCE_BLOCK, source->read, source->user, source->close);
    if (response == NULL)
        source->close(source->user);
    return response;
}

struct MHD_Response *answer_new(const struct answer *answer, const struct buf *body)
{
    return add_headers_or_free(answer, answer->source.read != NULL
                                           ? new_from_source(&answer->source)
                                           : MHD_create_response_from_buffer(
                                                 body->len, body->data, MHD_RESPMEM_MUST_COPY));
}

struct MHD_Response *answer_new_packed(const struct answer *answer, const struct buf *body)
{
    void *bytes;
    size_t len;
    if (!pack_gzip(body->data, body->len, &bytes, &len))
        return answer_new(answer, body);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        free(bytes);
    response = add_headers_or_free(answer, response);
    return answer_take_whole(
        response, response != NULL && answer_put_header(response, "Content-Encoding", "gzip") &&
                      answer_put_header(response, "Vary", "Accept-Encoding"));
}

/* The language, and the headers that belong to some errors. */
static bool add_special(struct MHD_Response *response, const struct problem *problem)
{
    char wait[NUMBER_SIZE];
    if (!answer_put_header(response, MHD_HTTP_HEADER_CONTENT_LANGUAGE,
                           text_lang_token(problem->lang)))
        return false;
    if (err_http_status(problem->err) == MHD_HTTP_UNAUTHORIZED && problem->err != CC_ERR_LOGIN)
        return answer_put_header(response, "WWW-Authenticate", "Bearer");
    if (problem->err == CC_ERR_METHOD)
        return answer_put_header(response, "Allow", problem->allow);
    if (err_http_status(problem->err) != MHD_HTTP_TOO_MANY_REQUESTS &&
        err_http_status(problem->err) != MHD_HTTP_SERVICE_UNAVAILABLE)
        return true;
    (void)snprintf(wait, sizeof(wait), "%" PRId64, problem->wait_s > 0 ? problem->wait_s : 1);
    return answer_put_header(response, "Retry-After", wait);
}

struct MHD_Response *answer_new_problem(const struct answer *answer, const struct problem *problem)
{
    const struct answer plain = {.type = ANSWER_PROBLEM_TYPE, .close = answer->close};
    char storage[PROBLEM_SIZE];
    struct buf body;
    buf_init(&body, storage, sizeof(storage));
    problem_render(problem, &body);
    struct MHD_Response *response = answer_new(&plain, &body);
    return answer_take_whole(response, response != NULL && add_special(response, problem));
}
