/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/retry.h"

#include "service/answers.h"

#include <string.h>

/* "POST /v1/solicitudes", the parameters of the path, and the body as it came, a line each. */
static enum cc_err make_identity(struct exchange *x, struct buf *ret)
{
    buf_init(ret, x->context->identity, sizeof(x->context->identity));
    buf_fmt(ret, "%s %s\n", x->route->method, x->route->path);
    for (size_t i = 0; i < ROUTE_PARAMS_MAX; i++)
        buf_fmt(ret, "%s\n", x->params[i].text);
    buf_put(ret, x->body.bytes, x->body.len);
    return buf_ok(ret) ? CC_OK : CC_ERR_NO_SPACE;
}

static enum cc_err run_and_keep(struct exchange *x, const struct answers_request *request,
                                struct buf *out)
{
    enum cc_err err = exchange_handle(x, out);
    return err == CC_OK ? answers_keep(x->service, request, x->now_ms, (int)x->answer.status, out)
                        : err;
}

/* Finds the answer of the first time, or makes it. */
static enum cc_err find_or_run(struct exchange *x, const struct answers_request *request,
                               struct buf *out)
{
    int status = 0;
    enum cc_err err = answers_find(x->service, request, x->now_ms, &status, x->context->answer);
    if (err == CC_ERR_NOT_FOUND)
        return run_and_keep(x, request, out);
    if (err != CC_OK)
        return err;
    out->len = strlen(x->context->answer);
    x->answer.status = (unsigned)status;
    x->answer.replayed = true;
    if (status >= MHD_HTTP_BAD_REQUEST)
        x->answer.type = ANSWER_PROBLEM_TYPE;
    return x->route->replay != NULL ? x->route->replay(x, out) : CC_OK;
}

enum cc_err retry_run(struct exchange *x, struct buf *out)
{
    if (x->key == NULL)
        return exchange_handle(x, out);
    struct buf identity;
    enum cc_err err = make_identity(x, &identity);
    const struct answers_request request = {&x->caller, x->key, identity.data, identity.len};
    if (err == CC_OK)
        err = find_or_run(x, &request, out);
    secret_wipe(identity.data, identity.len);
    return err;
}
