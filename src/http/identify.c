/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/identify.h"

#include "http/header.h"
#include "service/access.h"

#include <stdio.h>
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

static enum cc_err identify_client(struct exchange *x)
{
    const char *token;
    size_t len;
    if (!header_bearer(exchange_header(x, MHD_HTTP_HEADER_AUTHORIZATION), &token, &len))
        return CC_ERR_UNAUTHENTICATED;
    return access_find_client(x->service->access, token, len, service_now_ms(x->service),
                              &x->caller);
}

enum cc_err identify_caller(struct exchange *x)
{
    if ((x->side->callers & CALLER_PEER) != 0)
        return identify_peer(x);
    return (x->route->callers & CALLER_ANYONE) != 0 ? CC_OK : identify_client(x);
}

enum cc_err identify_again(const struct exchange *x)
{
    if (x->caller.kind != CALLER_CLIENT)
        return CC_OK;
    return access_check_client(x->service->access, x->caller.id, x->route->scope,
                               service_now_ms(x->service));
}
