/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/gate.h"

#include "base/loop.h"
#include "http/assets.h"
#include "http/framing.h"
#include "http/header.h"
#include "http/identify.h"
#include "http/upload.h"
#include "http/uri.h"
#include "service/access.h"
#include "service/health.h"

#include <stdlib.h>
#include <string.h>

bool gate_takes_body(const struct exchange *x)
{
    return x->route != NULL && x->route->shape != NULL && !route_is_get(x->route);
}

/* The declared length of the body; 0 when it comes in chunks or there is none. */
static unsigned long long declared_length(const struct exchange *x)
{
    const char *value = exchange_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return value == NULL ? 0 : strtoull(value, NULL, 10);
}

/* Files of the pages have no route: they are for everybody who reaches the TCP socket. */
static enum cc_err find_asset(struct exchange *x, const char *path, const char *method,
                              struct buf *allow)
{
    if ((x->side->callers & CALLER_PEER) != 0 || !assets_has(path))
        return CC_ERR_NOT_FOUND;
    buf_str(allow, "GET, HEAD");
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return CC_ERR_METHOD;
    x->asset = path;
    return CC_OK;
}

static enum cc_err check_route(struct exchange *x, const char *path, const char *method)
{
    struct buf allow;
    buf_init(&allow, x->problem.allow, sizeof(x->problem.allow));
    struct route_match match = {0};
    enum cc_err err = route_find(x->context->routes, x->context->route_count, x->side->callers,
                                 path, method, &match, &allow);
    x->route = match.row;
    if (err == CC_ERR_NOT_FOUND)
        err = find_asset(x, path, method, &allow);
    for (size_t i = 0; err == CC_OK && i < match.count; i++)
        err = uri_decode(match.params[i].at, match.params[i].len, x->params[i].text,
                         sizeof(x->params[i].text), &x->params[i].len);
    if (err == CC_ERR_QUERY_FORMAT || err == CC_ERR_FIELD_LENGTH)
        return CC_ERR_NOT_FOUND;
    return buf_cstr(&allow) == NULL ? CC_ERR_NO_SPACE : err;
}

static bool is_open_to_anyone(const struct exchange *x)
{
    return (x->route->callers & CALLER_ANYONE) != 0;
}

/*
 * A proxy on this computer carries the calls of others: what it says of them counts. So does a
 * browser on this computer the calls of any page: the name that it uses for the box counts.
 */
static bool is_from_loopback(const struct exchange *x)
{
    static const char *const marks[] = {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (exchange_header(x, marks[i]) != NULL)
            return false;
    if (!header_is_loopback(exchange_header(x, MHD_HTTP_HEADER_HOST)))
        return false;
    return strncmp(x->address, "127.", 4) == 0 || strcmp(x->address, "::1") == 0;
}

/* The caller then stays CALLER_ANYONE. */
static bool may_ask_unnamed(const struct exchange *x)
{
    return x->route->on_loopback && (x->side->callers & CALLER_PEER) == 0 &&
           exchange_header(x, MHD_HTTP_HEADER_AUTHORIZATION) == NULL &&
           exchange_header(x, MHD_HTTP_HEADER_COOKIE) == NULL && is_from_loopback(x);
}

static enum cc_err check_caller(struct exchange *x)
{
    if (may_ask_unnamed(x))
        return CC_OK;
    enum cc_err err = identify_caller(x);
    if (err != CC_OK || is_open_to_anyone(x))
        return err;
    bool may_ask = (x->route->callers & (unsigned)x->caller.kind) != 0 &&
                   caller_has_scope(&x->caller, x->route->scope);
    return may_ask ? CC_OK : CC_ERR_FORBIDDEN;
}

/* The bucket of a client protects the box from a sede that calls too often. */
static enum cc_err check_rate(struct exchange *x)
{
    if (x->caller.kind != CALLER_CLIENT)
        return CC_OK;
    enum cc_err err = access_take(x->service->access, x->caller.id, &x->service->settings->limits,
                                  loop_now_us(x->service->loop), &x->wait_s);
    x->has_token = err == CC_OK;
    return err;
}

/* A token that was revoked is valid again in an older database: only peers are served from one. */
static enum cc_err check_integrity(struct exchange *x)
{
    bool is_exempt = x->caller.kind == CALLER_PEER || is_open_to_anyone(x) || x->route->in_doubt;
    return !is_exempt && health_is_in_doubt(x->service) ? CC_ERR_INTEGRITY : CC_OK;
}

static enum cc_err check_body(struct exchange *x)
{
    if (!gate_takes_body(x))
        return CC_OK;
    if (x->route->upload != NULL)
        return declared_length(x) > x->route->upload->body_bytes_max
                   ? CC_ERR_FILE_TOO_LARGE
                   : upload_new(x, x->route->upload, &x->upload);
    if (!header_is_json(exchange_header(x, MHD_HTTP_HEADER_CONTENT_TYPE)))
        return CC_ERR_CONTENT_TYPE;
    size_t max = x->route->body_max > 0 ? x->route->body_max : HTTP_BODY_MAX;
    unsigned long long length = declared_length(x);
    if (length > max)
        return CC_ERR_BODY_TOO_LARGE;
    x->body.cap = length > 0 ? (size_t)length : max;
    return CC_OK;
}

/* An answer that may hold a secret, such as a new token, is not kept: no client gets one. */
static bool has_retries(const struct exchange *x)
{
    return x->route->writes && (x->caller.kind == CALLER_CLIENT ||
                                (x->caller.kind == CALLER_SESSION && x->route->keeps_answer));
}

static enum cc_err check_key(struct exchange *x)
{
    const char *key = exchange_header(x, "Idempotency-Key");
    if (key == NULL || !has_retries(x))
        return CC_OK;
    if (!header_is_key(key))
        return CC_ERR_IDEMPOTENCY_KEY;
    x->key = key;
    return CC_OK;
}

/*
 * Of a request that is refused, so much body is read and dropped before the answer: closing with
 * bytes unread would reset the connection, and the client might never see why.
 */
enum { DROP_MAX = 1024 * 1024 };

/* Clients send the whole of a form with files before they look for an answer. */
size_t gate_received_max(const struct exchange *x)
{
    bool takes_files =
        x->route != NULL && x->route->upload != NULL && x->caller.kind != CALLER_ANYONE;
    return takes_files ? x->route->upload->body_bytes_max : DROP_MAX;
}

/*
 * A client that asks before it sends, or would send without end, is answered before it does; so is
 * one whose body has no certain end.
 */
bool gate_refuses_unread(const struct exchange *x)
{
    return x->problem.err == CC_ERR_HEADER_FORMAT ||
           exchange_header(x, MHD_HTTP_HEADER_EXPECT) != NULL ||
           declared_length(x) > gate_received_max(x);
}

enum cc_err gate_check_framing(const struct exchange *x, const char *method, const char *version)
{
    if (x->slot == NULL)
        return CC_ERR_HEADER_FORMAT;
    const struct framing_line line = {method, x->slot->uri, x->slot->uri_end, version};
    return framing_check(x->connection, &line);
}

enum cc_err gate_check(struct exchange *x, const char *path, const char *method)
{
    static enum cc_err (*const checks[])(struct exchange *) = {
        check_caller, check_rate, check_integrity, check_body, check_key};
    enum cc_err err = x->context->draining ? CC_ERR_SHUTTING_DOWN : check_route(x, path, method);
    for (size_t i = 0; err == CC_OK && x->asset == NULL && i < sizeof(checks) / sizeof(checks[0]);
         i++)
        err = checks[i](x);
    return err;
}
