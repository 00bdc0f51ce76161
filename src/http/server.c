/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/server.h"

#include "base/log.h"
#include "http/door.h"
#include "http/exchange.h"
#include "http/listen.h"
#include "http/stream.h"
#include "http/tally.h"

#include <arpa/inet.h>
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
    /* A browser opens eight connections. All at once these take the loop under 10 ms. */
    HANDSHAKES_PER_ADDRESS = 16,
    /* Descriptors that a flood of connections must leave: control socket, modems, database. */
    RESERVED_FILES = 128,
    GRACE_US = 100 * 1000
};

struct http {
    struct http_context context;
    struct tls *tls; /* NULL = no TLS listener */
    struct listen_list listening;
    struct http_side tcp[LISTEN_MAX]; /* of each item of listening */
    unsigned ports[LISTEN_MAX];
    struct http_side control;
    char *control_path; /* NULL until we have made it */
};

/* Fewer where the process may open few files (RLIMIT_NOFILE). */
static size_t tcp_connections(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= TCP_CONNECTIONS + RESERVED_FILES)
        return TCP_CONNECTIONS;
    size_t count = limit.rlim_cur > RESERVED_FILES + TCP_CONNECTIONS_LEAST
                       ? (size_t)limit.rlim_cur - RESERVED_FILES
                       : TCP_CONNECTIONS_LEAST;
    log_warning("http: con un máximo de %" PRIuMAX " ficheros abiertos se atienden solo %zu "
                "conexiones a la vez; suba LimitNOFILE en la unidad de systemd",
                (uintmax_t)limit.rlim_cur, count);
    return count;
}

/* connections: how many it may have at once. */
static enum cc_err open_side(struct http *http, struct http_side *side, int listen_fd,
                             size_t connections, bool asks_certificate,
                             const struct http_config *config)
{
    struct door_config door = {
        .listen_fd = listen_fd,
        .limits = {.total = connections,
                   .per_peer = (size_t)config->per_address,
                   .handshakes = HANDSHAKES_PER_ADDRESS,
                   .phase_us = {[SLOT_HEADER] = config->header_ms * MS,
                                [SLOT_BODY] = config->body_ms * MS,
                                [SLOT_ANSWER] = config->body_ms * MS,
                                [SLOT_IDLE] = config->idle_ms * MS},
                   .grace_us = GRACE_US},
        .tls = side->tls,
        .asks_certificate = asks_certificate,
        .on_request = exchange_on_request,
        .on_completed = exchange_on_completed,
        .user = side,
    };
    if (!peer_parse_proxies(config->proxies, &door.proxies)) {
        close(listen_fd);
        return CC_ERR_CONFIG;
    }
    return door_new(http->context.service->loop, &door, &side->door);
}

/* Of several listeners each has its part: a flood at one leaves the others theirs. */
static enum cc_err open_listener(struct http *http, size_t index, size_t connections,
                                 const struct http_config *config)
{
    const struct listen_item *item = &http->listening.items[index];
    struct http_side *side = &http->tcp[index];
    int fd;
    *side = (struct http_side){.context = &http->context,
                               .callers = CALLER_ANYONE | CALLER_CLIENT | CALLER_SESSION,
                               .tls = item->is_tls ? http->tls : NULL};
    enum cc_err err = listen_tcp(item, &fd, &http->ports[index]);
    return err == CC_OK ? open_side(http, side, fd, connections, item->asks_certificate, config)
                        : err;
}

static bool has_tls(const struct listen_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].is_tls)
            return true;
    return false;
}

static enum cc_err open_tcp(struct http *http, const struct http_config *config)
{
    struct service *service = http->context.service;
    enum cc_err err = listen_parse(config->listen, &http->listening);
    if (err == CC_OK && has_tls(&http->listening))
        err = tls_new(service->loop, &config->tls, service, &http->tls);
    size_t connections = err == CC_OK ? tcp_connections() / http->listening.count : 0;
    if (connections < TCP_CONNECTIONS_LEAST)
        connections = TCP_CONNECTIONS_LEAST;
    for (size_t i = 0; err == CC_OK && i < http->listening.count; i++)
        err = open_listener(http, i, connections, config);
    return err;
}

static enum cc_err open_control(struct http *http, const struct http_config *config)
{
    int fd;
    if (config->control_path[0] == '\0')
        return CC_OK;
    enum cc_err err = listen_unix(config->control_path, &fd);
    if (err != CC_OK)
        return err;
    err = open_side(http, &http->control, fd, CONTROL_CONNECTIONS, false, config);
    http->control_path = strdup(config->control_path);
    return err == CC_OK && http->control_path == NULL ? CC_ERR_MEMORY : err;
}

static void on_round(void *user);

enum cc_err http_new(struct service *service, const struct http_config *config, struct http **ret)
{
    struct http *http = calloc(1, sizeof(*http));
    if (http == NULL)
        return CC_ERR_MEMORY;
    json_wipe_freed_memory();
    http->context.service = service;
    http->context.routes = config->routes;
    http->context.route_count = config->route_count;
    http->context.shared = config->shared;
    http->context.round = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_round, http);
    http->context.tally = tally_new(config->route_count + 2);
    if (!peer_parse_proxies(config->trusted, &http->context.trusted)) {
        http_free(http);
        return CC_ERR_CONFIG;
    }
    http->control =
        (struct http_side){.context = &http->context, .callers = CALLER_ANYONE | CALLER_PEER};
    enum cc_err err = open_tcp(http, config);
    if (err == CC_OK)
        err = open_control(http, config);
    if (err != CC_OK) {
        http_free(http);
        return err;
    }
    *ret = http;
    return CC_OK;
}

/* Calls visit for each side that is open. */
static void visit_doors(struct http *http, void (*visit)(struct door *door))
{
    for (size_t i = 0; i < LISTEN_MAX; i++)
        if (http->tcp[i].door != NULL)
            visit(http->tcp[i].door);
    if (http->control.door != NULL)
        visit(http->control.door);
}

static void wake_door(struct door *door)
{
    pump_wake(door_pump(door));
}

static void on_round(void *user)
{
    struct http *http = user;
    http->context.awaits_round = false;
    for (size_t i = 0; i < LISTEN_MAX; i++)
        http->tcp[i].served_us = 0;
    http->control.served_us = 0;
    visit_doors(http, wake_door);
}

static void flush_door(struct door *door)
{
    pump_flush(door_pump(door));
}

/* Stopping with a suspended connection is an error of libmicrohttpd's: commit and answer first. */
static void answer_waiting(struct http *http)
{
    visit_doors(http, door_detach);
    if (http->context.waiting == 0 && LIST_EMPTY(&http->context.streams))
        return;
    struct turn *turn = http->context.service->turn;
    while (http->context.waiting > 0 && turn_is_open(turn))
        turn_flush(turn);
    exchange_release_all(&http->context);
    stream_end_all(&http->context);
    visit_doors(http, flush_door);
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    loop_source_free(http->context.round);
    http->context.round = NULL;
    answer_waiting(http);
    visit_doors(http, door_free);
    exchange_free_spares(&http->context);
    tls_free(http->tls);
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

enum cc_err http_reload_tls(struct http *http, const struct tls_files *files)
{
    return http->tls == NULL ? CC_OK : tls_reload(http->tls, files);
}

/* ---- where it listens -------------------------------------------------------------------------*/

unsigned http_port(const struct http *http)
{
    return http->ports[0];
}

void http_write_listening(const struct http *http, struct buf *out)
{
    for (size_t i = 0; i < http->listening.count; i++) {
        const char *text = http->listening.items[i].text;
        buf_fmt(out, "%s%.*s:%u", i > 0 ? ", " : "", (int)(strrchr(text, ':') - text), text,
                http->ports[i]);
    }
}

/* The first TLS listener that other computers reach with a browser, else the first of all. */
static size_t find_best(const struct listen_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->items[i].is_loopback && !list->items[i].asks_certificate)
            return i;
    return 0;
}

/* The address in a URL; of a wildcard, one of this computer's. */
static void write_host(const struct listen_item *item, struct buf *out)
{
    bool is_v4 = item->address.any.sa_family == AF_INET;
    bool is_wildcard = is_v4 ? item->address.v4.sin_addr.s_addr == htonl(INADDR_ANY)
                             : IN6_IS_ADDR_UNSPECIFIED(&item->address.v6.sin6_addr);
    char text[INET6_ADDRSTRLEN];
    struct names names = {.count = 0};
    if (is_wildcard)
        names_collect(&names);
    const struct in6_addr *outer = names_find_outer(&names, is_v4);
    if (outer != NULL)
        peer_format_address(outer, text);
    else
        (void)inet_ntop(item->address.any.sa_family,
                        is_v4 ? (const void *)&item->address.v4.sin_addr
                              : (const void *)&item->address.v6.sin6_addr,
                        text, sizeof(text));
    buf_fmt(out, is_v4 ? "%s" : "[%s]", text);
}

void http_write_url(const struct http *http, struct buf *out)
{
    size_t best = find_best(&http->listening);
    const struct listen_item *item = &http->listening.items[best];
    const char *name = http->context.service->certificate.name;
    buf_str(out, item->is_tls ? "https://" : "http://");
    if (item->is_tls && name[0] != '\0')
        buf_str(out, name);
    else
        write_host(item, out);
    buf_fmt(out, ":%u", http->ports[best]);
}
