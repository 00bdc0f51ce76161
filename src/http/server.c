/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/server.h"

#include "base/log.h"
#include "http/exchange.h"
#include "http/listen.h"
#include "http/pump.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TCP_CONNECTIONS = 512, CONTROL_CONNECTIONS = 16, IDLE_S = 30 };

struct http {
    struct http_context context;
    struct http_side tcp;
    struct http_side control;
    char *entity;
    char *control_path; /* NULL until we have made it */
    unsigned port;
};

static enum cc_err open_side(struct loop *loop, struct http_side *side, int listen_fd,
                             unsigned connections)
{
    const struct pump_config config = {
        .listen_fd = listen_fd,
        .connections = connections,
        .idle_s = IDLE_S,
        .on_request = exchange_on_request,
        .on_completed = exchange_on_completed,
        .user = side,
    };
    return pump_new(loop, &config, &side->pump);
}

static enum cc_err open_tcp(struct loop *loop, struct http *http, const char *spec)
{
    int fd;
    enum cc_err err = listen_tcp(spec, &fd, &http->port);
    if (err == CC_OK)
        err = open_side(loop, &http->tcp, fd, TCP_CONNECTIONS);
    if (err == CC_OK)
        log_info("http: escuchando en %s (puerto %u)", spec, http->port);
    return err;
}

static enum cc_err open_control(struct loop *loop, struct http *http, const char *path)
{
    int fd;
    if (path[0] == '\0')
        return CC_OK;
    enum cc_err err = listen_unix(path, &fd);
    if (err != CC_OK)
        return err;
    err = open_side(loop, &http->control, fd, CONTROL_CONNECTIONS);
    http->control_path = strdup(path);
    return err == CC_OK && http->control_path == NULL ? CC_ERR_MEMORY : err;
}

enum cc_err http_new(struct loop *loop, struct service *service, struct pool *pool,
                     const struct http_config *config, struct http **ret)
{
    struct http *http = calloc(1, sizeof(*http));
    if (http == NULL)
        return CC_ERR_MEMORY;
    http->entity = strdup(config->entity);
    http->context.service = service;
    http->context.pool = pool;
    http->context.entity = http->entity;
    http->tcp = (struct http_side){.context = &http->context, .face = FACE_TCP};
    http->control = (struct http_side){.context = &http->context, .face = FACE_CONTROL};
    enum cc_err err = http->entity == NULL ? CC_ERR_MEMORY : CC_OK;
    if (err == CC_OK)
        err = auth_new(service->store, &http->context.auth);
    if (err == CC_OK)
        err = open_tcp(loop, http, config->listen);
    if (err == CC_OK)
        err = open_control(loop, http, config->control_path);
    if (err != CC_OK) {
        http_free(http);
        return err;
    }
    *ret = http;
    return CC_OK;
}

/* Stopping with a suspended connection is an error of libmicrohttpd's: commit and answer first. */
static void answer_waiting(struct http *http)
{
    struct pump *pumps[] = {http->tcp.pump, http->control.pump};
    for (size_t i = 0; i < 2; i++) {
        if (pumps[i] != NULL)
            pump_detach(pumps[i]);
    }
    if (http->context.waiting == 0)
        return;
    turn_flush(http->context.service->turn);
    for (size_t i = 0; i < 2; i++) {
        if (pumps[i] != NULL)
            pump_flush(pumps[i]);
    }
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    answer_waiting(http);
    pump_free(http->tcp.pump);
    pump_free(http->control.pump);
    if (http->control_path != NULL)
        (void)unlink(http->control_path);
    auth_free(http->context.auth);
    free(http->control_path);
    free(http->entity);
    free(http);
}

void http_drain(struct http *http)
{
    http->context.draining = true;
}

unsigned http_port(const struct http *http)
{
    return http->port;
}
