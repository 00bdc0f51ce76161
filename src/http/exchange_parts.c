/* SPDX-License-Identifier: EUPL-1.2 */
/* Parts of an exchange: its memory, facts that handlers ask for and problems that they name, the
 * handler itself, and the answer on its way to libmicrohttpd. */
#include "http/exchange.h"

#include "base/log.h"
#include "base/loop.h"
#include "http/header.h"
#include "http/json_write.h"
#include "http/tally.h"
#include "http/upload.h"
#include "service/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SPARES_MAX = 64 };

struct exchange *exchange_new(struct http_context *context)
{
    struct exchange *x = context->spares;
    if (x == NULL)
        return calloc(1, sizeof(*x));
    context->spares = x->held.next;
    context->spare_count--;
    memset(x, 0, sizeof(*x));
    return x;
}

void exchange_free(struct exchange *x)
{
    struct http_context *context = x->context;
    body_done(&x->body);
    upload_free(x->upload);
    secret_wipe(&x->prepared, sizeof(x->prepared));
    secret_wipe(&x->cookies, sizeof(x->cookies));
    if (context->spare_count == SPARES_MAX) {
        free(x);
        return;
    }
    x->held.next = context->spares;
    context->spares = x;
    context->spare_count++;
}

void exchange_free_spares(struct http_context *context)
{
    for (struct exchange *x = context->spares, *next; x != NULL; x = next) {
        next = x->held.next;
        free(x);
    }
    context->spares = NULL;
    context->spare_count = 0;
}

/* ---- facts and problems
 * -------------------------------------------------------------------------- */

int64_t exchange_take_now(struct exchange *x)
{
    int64_t pass_us = loop_pass_us(x->service->loop);
    if (x->course.pass_us == 0 || x->course.pass_us != pass_us) {
        x->course.pass_us = pass_us;
        x->now_ms = service_now_ms(x->service);
    }
    return x->now_ms;
}

enum cc_err exchange_blame(struct exchange *x, const char *field, enum cc_err err)
{
    if (err != CC_OK)
        (void)snprintf(x->problem.field, sizeof(x->problem.field), "%s", field);
    return err;
}

void exchange_tell_problem(struct exchange *x, enum cc_err err, struct buf *out)
{
    x->problem.err = err;
    x->answer.status = (unsigned)err_http_status(err);
    x->answer.type = ANSWER_PROBLEM_TYPE;
    answer_add_header(&x->answer, MHD_HTTP_HEADER_CONTENT_LANGUAGE,
                      text_lang_token(x->problem.lang));
    out->len = 0;
    problem_render(&x->problem, out);
}

void exchange_explain(struct exchange *x, enum problem_phrase phrase, template_put_fn *put,
                      const void *user)
{
    struct buf sentence;
    buf_init(&sentence, x->problem.sentence, sizeof(x->problem.sentence));
    template_fill(problem_phrase(x->problem.lang, phrase), put, user, &sentence);
    if (buf_cstr(&sentence) == NULL)
        x->problem.sentence[0] = '\0';
}

const char *exchange_header(const struct exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

struct last_line {
    const char *name, *value;
};

static enum MHD_Result keep_last(void *user, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct last_line *line = user;
    (void)kind;
    if (strcasecmp(name, line->name) == 0)
        line->value = value;
    return MHD_YES;
}

/* A proxy may add its line behind one of the same name that a stranger has sent. */
static const char *find_last_line(const struct exchange *x, const char *name)
{
    struct last_line line = {name, NULL};
    (void)MHD_get_connection_values(x->connection, MHD_HEADER_KIND, keep_last, &line);
    return line.value;
}

void exchange_take_address(struct exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info != NULL && info->client_addr != NULL)
        peer_write_address(info->client_addr, &x->context->trusted,
                           find_last_line(x, "X-Forwarded-For"), x->address);
}

bool exchange_is_secure(const struct exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return x->side->tls != NULL || (info != NULL && info->client_addr != NULL &&
                                    peer_is_listed(info->client_addr, &x->context->trusted) &&
                                    header_is_https(find_last_line(x, "X-Forwarded-Proto")));
}

/* ---- the answer
 * ---------------------------------------------------------------------------------- */

/* Rows of the tally: those of the routes, the pages, no route. */
static void count_answer(const struct exchange *x, unsigned status)
{
    size_t row = x->context->route_count + (x->asset == NULL);
    if (x->route != NULL)
        row = (size_t)(x->route - x->context->routes);
    tally_count(x->context->tally, row, status);
}

/*
 * Browsers then speak nothing but TLS with this name, and let no person pass a warning by: never
 * for a certificate that they do not know.
 */
static bool add_transport_security(const struct exchange *x, struct MHD_Response *response)
{
    return x->side->tls == NULL || x->service->certificate.is_own ||
           MHD_add_response_header(response, "Strict-Transport-Security", "max-age=2592000") ==
               MHD_YES;
}

enum cc_err exchange_handle(struct exchange *x, struct buf *out)
{
    const char *type = x->answer.type;
    bool is_object = type != NULL && x->route->type == NULL;
    if (is_object)
        json_open(out, NULL, '{');
    enum cc_err err = x->route->handler(x, out);
    if (is_object && x->answer.type == type) /* else the handler answers something else */
        json_close(out, '}');
    return err;
}

enum MHD_Result exchange_send(struct exchange *x, unsigned status, struct MHD_Response *response)
{
    if (response == NULL)
        return MHD_NO;
    slot_enter(x->slot, SLOT_ANSWER, loop_now_us(x->service->loop));
    count_answer(x, status);
    enum MHD_Result result = add_transport_security(x, response)
                                 ? MHD_queue_response(x->connection, status, response)
                                 : MHD_NO;
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result exchange_send_problem(struct exchange *x, enum cc_err err)
{
    x->problem.err = err;
    x->answer.close = x->context->draining || err == CC_ERR_HEADER_FORMAT;
    x->problem.wait_s =
        err == CC_ERR_CLOCK_UNRELIABLE ? service_clock_wait_s(x->service) : x->wait_s;
    if (err == CC_ERR_RATE_LIMITED && x->has_token) /* the client keeps its own token */
        access_return(x->service->access, x->caller.id);
    x->has_token = false;
    log_debug("http: %s %s: %s", x->caller.name, x->route != NULL ? x->route->path : "-",
              err_token(err));
    return exchange_send(x, (unsigned)err_http_status(err),
                         answer_new_problem(&x->answer, &x->problem));
}
