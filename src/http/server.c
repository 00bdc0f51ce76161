/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/server.h"

#include "base/log.h"
#include "http/door.h"
#include "http/exchange.h"
#include "http/listen.h"
#include "http/stream.h"
#include "http/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MS INT64_C(1000)

enum {
    TCP_CONNECTIONS = 512,
    TCP_CONNECTIONS_LEAST = 16,
    CONTROL_CONNECTIONS = 16,
    /* Descriptors that a flood of connections must leave: control socket, modems, database. */
    RESERVED_FILES = 128,
    GRACE_US = 100 * 1000
};

struct http {
    struct http_context context;
    struct http_side tcp;
    struct http_side control;
    char *control_path; /* NULL until we have made it */
    unsigned port;
};

/* Fewer where the process may open few files (RLIMIT_NOFILE). */
static size_t tcp_connections(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= TCP_CONNECTIONS + RESERVED_FILES)
        return TCP_CONNECTIONS;
    size_t count = limit.rlim_cur > RESERVED_FILES + TCP_CONNECTIONS_LEAST
                       ? limit.rlim_cur - RESERVED_FILES
                       : TCP_CONNECTIONS_LEAST;
    log_warning("http: con un máximo de %" PRIuMAX " ficheros abiertos se atienden solo %zu "
                "conexiones a la vez; suba LimitNOFILE en la unidad de systemd",
                (uintmax_t)limit.rlim_cur, count);
    return count;
}

static enum cc_err open_side(struct loop *loop, struct http_side *side, int listen_fd,
                             const struct http_config *config)
{
    bool is_tcp = (side->callers & CALLER_PEER) == 0;
    struct door_config door = {
        .listen_fd = listen_fd,
        .limits = {.total = is_tcp ? tcp_connections() : CONTROL_CONNECTIONS,
                   .per_peer = (size_t)config->per_address,
                   .phase_us = {[SLOT_HEADER] = config->header_ms * MS,
                                [SLOT_BODY] = config->body_ms * MS,
                                [SLOT_ANSWER] = config->body_ms * MS,
                                [SLOT_IDLE] = config->idle_ms * MS},
                   .grace_us = GRACE_US},
        .on_request = exchange_on_request,
        .on_completed = exchange_on_completed,
        .user = side,
    };
    if (!peer_parse_proxies(config->proxies, &door.proxies)) {
        close(listen_fd);
        return CC_ERR_CONFIG;
    }
    return door_new(loop, &door, &side->door);
}

static enum cc_err open_tcp(struct loop *loop, struct http *http, const struct http_config *config)
{
    int fd;
    enum cc_err err = listen_tcp(config->listen, &fd, &http->port);
    if (err == CC_OK)
        err = open_side(loop, &http->tcp, fd, config);
    if (err == CC_OK)
        log_info("http: escuchando en %s (puerto %u)", config->listen, http->port);
    return err;
}

static enum cc_err open_control(struct loop *loop, struct http *http,
                                const struct http_config *config)
{
    int fd;
    if (config->control_path[0] == '\0')
        return CC_OK;
    enum cc_err err = listen_unix(config->control_path, &fd);
    if (err != CC_OK)
        return err;
    err = open_side(loop, &http->control, fd, config);
    http->control_path = strdup(config->control_path);
    return err == CC_OK && http->control_path == NULL ? CC_ERR_MEMORY : err;
}

enum cc_err http_new(struct loop *loop, struct service *service, const struct http_config *config,
                     struct http **ret)
{
    struct http *http = calloc(1, sizeof(*http));
    if (http == NULL)
        return CC_ERR_MEMORY;
    json_wipe_freed_memory();
    http->context.service = service;
    http->context.routes = config->routes;
    http->context.route_count = config->route_count;
    http->context.shared = config->shared;
    http->context.tally = tally_new(config->route_count + 2);
    if (!peer_parse_proxies(config->trusted, &http->context.trusted)) {
        http_free(http);
        return CC_ERR_CONFIG;
    }
    http->tcp = (struct http_side){.context = &http->context,
                                   .callers = CALLER_ANYONE | CALLER_CLIENT | CALLER_SESSION};
    http->control =
        (struct http_side){.context = &http->context, .callers = CALLER_ANYONE | CALLER_PEER};
    enum cc_err err = open_tcp(loop, http, config);
    if (err == CC_OK)
        err = open_control(loop, http, config);
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
    struct door *doors[] = {http->tcp.door, http->control.door};
    for (size_t i = 0; i < 2; i++) {
        if (doors[i] != NULL)
            door_detach(doors[i]);
    }
    if (http->context.waiting == 0 && http->context.stream_count == 0)
        return;
    if (http->context.waiting > 0)
        turn_flush(http->context.service->turn);
    stream_end_all(&http->context);
    for (size_t i = 0; i < 2; i++) {
        if (doors[i] != NULL)
            pump_flush(door_pump(doors[i]));
    }
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    answer_waiting(http);
    door_free(http->tcp.door);
    door_free(http->control.door);
    if (http->control_path != NULL)
        (void)unlink(http->control_path);
    free(http->control_path);
    free(http->context.tally);
    free(http);
}

void http_drain(struct http *http)
{
    http->context.draining = true;
    stream_end_all(&http->context);
}

unsigned http_port(const struct http *http)
{
    return http->port;
}
