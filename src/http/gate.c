/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/gate.h"

#include "base/loop.h"
#include "http/header.h"
#include "http/routes.h"

#include <stdio.h>
#include <stdlib.h>

const char *gate_header(const struct exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

unsigned long long gate_length(const struct exchange *x)
{
    const char *value = gate_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return value == NULL ? 0 : strtoull(value, NULL, 10);
}

static enum cc_err check_route(struct exchange *x, const char *path, const char *method)
{
    struct buf allow;
    buf_init(&allow, x->problem.allow, sizeof(x->problem.allow));
    enum cc_err err =
        route_find(routes, routes_count, x->side->face, path, method, &x->route, &allow);
    return buf_cstr(&allow) == NULL ? CC_ERR_NO_SPACE : err;
}

static enum cc_err check_peer(struct exchange *x)
{
    uid_t uid;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    enum cc_err err = auth_peer(info->connect_fd, &uid);
    if (err == CC_OK)
        (void)snprintf(x->actor, sizeof(x->actor), "control:uid %u", (unsigned)uid);
    return err;
}

static enum cc_err check_client(struct exchange *x)
{
    const struct limits *limits = &x->context->service->settings->limits;
    struct auth *auth = x->context->auth;
    int64_t now_ms = service_now_ms(x->context->service);
    enum cc_err err = auth_current(auth);
    if (err != CC_OK)
        return err;
    const struct client *client =
        auth_find(auth, gate_header(x, MHD_HTTP_HEADER_AUTHORIZATION), now_ms);
    if (client == NULL)
        return CC_ERR_UNAUTHENTICATED;
    err = auth_check(auth, client->id, x->route->scope, now_ms);
    if (err == CC_OK)
        err =
            auth_take(auth, client->id, limits, loop_now_us(x->context->service->loop), &x->wait_s);
    if (err != CC_OK)
        return err;
    x->has_token = true;
    x->client_id = client->id;
    (void)snprintf(x->actor, sizeof(x->actor), "cliente:%s", client->name);
    return CC_OK;
}

enum cc_err gate_check_again(const struct exchange *x)
{
    if (x->client_id == 0)
        return CC_OK; /* the control socket's peer, or a route for everybody */
    enum cc_err err = auth_current(x->context->auth);
    return err != CC_OK ? err
                        : auth_check(x->context->auth, x->client_id, x->route->scope,
                                     service_now_ms(x->context->service));
}

/* A token that was revoked lives again in an older database: no client is served by one. */
static enum cc_err check_integrity(struct exchange *x)
{
    bool is_asked = x->side->face == FACE_TCP && x->route->scope != 0 && !x->route->in_doubt;
    return is_asked && integrity_is_in_doubt(x->context->service->store) ? CC_ERR_INTEGRITY : CC_OK;
}

static enum cc_err check_caller(struct exchange *x)
{
    if (x->side->face == FACE_CONTROL)
        return check_peer(x);
    return x->route->scope == 0 ? CC_OK : check_client(x);
}

static enum cc_err check_body(struct exchange *x)
{
    if (x->route->shape == NULL)
        return CC_OK;
    if (!header_is_json(gate_header(x, MHD_HTTP_HEADER_CONTENT_TYPE)))
        return CC_ERR_CONTENT_TYPE;
    unsigned long long length = gate_length(x);
    if (length > HTTP_BODY_MAX)
        return CC_ERR_BODY_TOO_LARGE;
    x->body_cap = length > 0 ? (size_t)length : HTTP_BODY_MAX;
    return CC_OK;
}

/* Only for the sede: answers of the control socket (a new token) are not for keeping. */
static enum cc_err check_key(struct exchange *x)
{
    const char *key = gate_header(x, "Idempotency-Key");
    if (key == NULL || !x->route->writes || x->side->face != FACE_TCP)
        return CC_OK;
    if (!header_is_key(key))
        return CC_ERR_IDEMPOTENCY_KEY;
    x->key = key;
    return CC_OK;
}

enum cc_err gate_check(struct exchange *x, const char *path, const char *method)
{
    static enum cc_err (*const checks[])(struct exchange *) = {check_caller, check_integrity,
                                                               check_body, check_key};
    enum cc_err err = x->context->draining ? CC_ERR_SHUTTING_DOWN : check_route(x, path, method);
    for (size_t i = 0; err == CC_OK && i < sizeof(checks) / sizeof(checks[0]); i++)
        err = checks[i](x);
    return err;
}
