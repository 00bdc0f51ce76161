/* SPDX-License-Identifier: EUPL-1.2 */
/* The answer of an exchange goes to libmicrohttpd. */
#include "http/exchange.h"

#include "base/log.h"
#include "base/loop.h"
#include "http/json_write.h"
#include "http/tally.h"
#include "service/access.h"

/* Rows of the tally: those of the routes, the pages, no route. */
static void count_answer(const struct exchange *x, unsigned status)
{
    size_t row = x->context->route_count + (x->asset == NULL);
    if (x->route != NULL)
        row = (size_t)(x->route - x->context->routes);
    tally_count(x->context->tally, row, status);
}

/*
 * Browsers then speak nothing but TLS with this name, and let nobody pass a warning by: never for a
 * certificate that they do not know.
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
