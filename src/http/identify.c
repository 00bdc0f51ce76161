/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/identify.h"

#include "http/header.h"
#include "http/tls.h"
#include "service/access.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum cc_err identify_peer(struct exchange *x)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 ||
        (peer.uid != 0 && peer.uid != geteuid()))
        return CC_ERR_FORBIDDEN;
    x->caller = (struct caller){.kind = CALLER_PEER, .scopes = SCOPE_ADMIN};
    (void)snprintf(x->caller.name, sizeof(x->caller.name), "control:uid %u", (unsigned)peer.uid);
    return CC_OK;
}

/* A client that must show a certificate cannot where none is asked for. */
static enum cc_err check_certificate(struct exchange *x)
{
    struct pins pins;
    struct access *access = x->service->access;
    if (!access_client_pins(access, x->caller.id, &pins))
        return CC_OK;
    const union MHD_ConnectionInfo *info =
        x->side->tls == NULL
            ? NULL
            : MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    int64_t ends_ms = 0;
    enum cc_err err = info == NULL
                          ? CC_ERR_CLIENT_CERTIFICATE_MISSING
                          : tls_judge_client(x->side->tls, info->tls_session, &pins, &ends_ms);
    if (err == CC_OK)
        access_note_certificate(access, x->caller.id, ends_ms);
    else
        access_log_refusal(access, x->caller.id, "sin el certificado TLS que debe mostrar",
                           loop_now_us(x->service->loop));
    return err;
}

/* The networks that a token may come from, and the certificate that must be shown beside it. */
static enum cc_err check_bonds(struct exchange *x)
{
    struct service *service = x->service;
    enum cc_err err = access_check_network(service->access, x->caller.id, x->address,
                                           loop_pass_us(service->loop));
    return err == CC_OK ? check_certificate(x) : err;
}

static enum cc_err identify_client(struct exchange *x)
{
    const char *token;
    size_t len;
    if (!header_bearer(exchange_header(x, MHD_HTTP_HEADER_AUTHORIZATION), &token, &len))
        return CC_ERR_UNAUTHENTICATED;
    struct service *service = x->service;
    int64_t now_ms = exchange_take_now(x);
    enum cc_err err = access_find_client(service->access, token, len, now_ms, &x->caller);
    if (err == CC_OK)
        err = check_bonds(x);
    if (err == CC_OK)
        access_touch_client(service, x->caller.id, now_ms);
    return err;
}

const char *identify_cookie_name(const struct exchange *x)
{
    return exchange_is_secure(x) ? "__Host-contraclaved" : "contraclaved";
}

const char *identify_mark_name(const struct exchange *x)
{
    return exchange_is_secure(x) ? "__Host-contraclaved-navegador" : "contraclaved-navegador";
}

static enum cc_err identify_session(struct exchange *x)
{
    const char *token;
    size_t len;
    if (!header_cookie(exchange_header(x, MHD_HTTP_HEADER_COOKIE), identify_cookie_name(x), &token,
                       &len))
        return CC_ERR_UNAUTHENTICATED;
    return people_find_session(x->service->people, token, len, exchange_take_now(x), &x->caller);
}

/*
 * A browser sends the cookie with what another site makes it send. A change must come from a script
 * of our own pages: only these can set the header, and the browser itself names the origin.
 */
static enum cc_err check_origin(const struct exchange *x)
{
    const char *mark = exchange_header(x, "X-Contraclaved");
    bool is_ours =
        mark != NULL && strcmp(mark, "1") == 0 &&
        header_is_same_origin(exchange_header(x, MHD_HTTP_HEADER_ORIGIN),
                              exchange_header(x, MHD_HTTP_HEADER_HOST), exchange_is_secure(x));
    return route_is_get(x->route) || is_ours ? CC_OK : CC_ERR_ORIGIN;
}

static enum cc_err identify_by_way(struct exchange *x)
{
    if ((x->side->callers & CALLER_PEER) != 0)
        return identify_peer(x);
    if ((x->route->callers & CALLER_ANYONE) != 0)
        return check_origin(x);
    if (exchange_header(x, MHD_HTTP_HEADER_AUTHORIZATION) != NULL ||
        exchange_header(x, MHD_HTTP_HEADER_COOKIE) == NULL)
        return identify_client(x);
    enum cc_err err = identify_session(x);
    return err == CC_OK ? check_origin(x) : err;
}

enum cc_err identify_caller(struct exchange *x)
{
    enum cc_err err = identify_by_way(x);
    x->caller.has_address = address_parse(x->address, &x->caller.address) == CC_OK;
    return err;
}

enum cc_err identify_again(struct exchange *x)
{
    if (x->caller.kind != CALLER_SESSION) {
        enum cc_err err = identify_still(x->service, &x->caller, x->route, exchange_take_now(x));
        return err == CC_OK && x->caller.kind == CALLER_CLIENT ? check_bonds(x) : err;
    }
    struct address address = x->caller.address;
    bool has_address = x->caller.has_address;
    enum cc_err err = identify_session(x);
    x->caller.address = address;
    x->caller.has_address = has_address;
    bool may_ask = caller_has_scope(&x->caller, x->route->scope); /* the role may have changed */
    return err == CC_OK && !may_ask ? CC_ERR_FORBIDDEN : err;
}

enum cc_err identify_still(struct service *service, const struct caller *caller,
                           const struct route *route, int64_t now_ms)
{
    if (caller->kind == CALLER_SESSION)
        return people_check_session(service->people, caller, now_ms);
    if (caller->kind != CALLER_CLIENT)
        return CC_OK;
    return access_check_client(service->access, caller, route->scope, now_ms);
}
