/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/pump.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum {
    FLUSH_RUNS = 8,
    /* Half of it is read at a time; a request line with its headers must fit. */
    CONNECTION_MEMORY = 16 * 1024
};

struct pump {
    struct MHD_Daemon *daemon;
    struct loop_source *ready;
    struct loop_source *again;
};

/*
 * MHD_get_timeout() says 0 when connections are left with work that epoll will not report again
 * (resumed, pipelined): without another run they would stall. It has no time-outs of its own.
 */
static void pump_run(struct pump *pump)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (MHD_run(pump->daemon) != MHD_YES)
        log_error("http: MHD_run ha fallado");
    if (MHD_get_timeout(pump->daemon, &wait_ms) == MHD_YES && wait_ms == 0)
        loop_deferred_arm(pump->again);
}

static void on_ready(uint32_t events, void *user)
{
    (void)events;
    pump_run(user);
}

static void on_again(void *user)
{
    pump_run(user);
}

/* Our paths have no escapes. Undone, a %00 would end a path early and let it pass for another. */
static size_t keep_escapes(void *user, struct MHD_Connection *connection, char *text)
{
    (void)user;
    (void)connection;
    return strlen(text);
}

static struct MHD_Daemon *start_daemon(const struct pump_config *config)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
        config->on_request, config->user, MHD_OPTION_CONNECTION_LIMIT, config->connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED,
        config->on_completed, config->user, MHD_OPTION_NOTIFY_CONNECTION, config->on_connection,
        config->connection_user, MHD_OPTION_URI_LOG_CALLBACK, config->on_uri,
        config->connection_user, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_END);
}

enum cc_err pump_new(struct loop *loop, const struct pump_config *config, struct pump **ret)
{
    struct pump *pump = calloc(1, sizeof(*pump));
    if (pump == NULL)
        return CC_ERR_MEMORY;
    pump->daemon = start_daemon(config);
    if (pump->daemon == NULL) {
        log_error("http: el servidor no arranca");
        free(pump);
        return CC_ERR_IO;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(pump->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    pump->ready = loop_add_fd(loop, info->epoll_fd, EPOLLIN, on_ready, pump);
    pump->again = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, on_again, pump);
    *ret = pump;
    return CC_OK;
}

void pump_detach(struct pump *pump)
{
    loop_source_free(pump->ready);
    loop_source_free(pump->again);
    pump->ready = pump->again = NULL;
}

void pump_free(struct pump *pump)
{
    if (pump == NULL)
        return;
    pump_detach(pump); /* first: stopping closes the epoll fd that is watched */
    MHD_stop_daemon(pump->daemon);
    free(pump);
}

void pump_add(struct pump *pump, int fd, const struct sockaddr *address, socklen_t len)
{
    if (MHD_add_connection(pump->daemon, fd, address, len) != MHD_YES)
        log_debug("http: conexión rechazada");
}

void pump_wake(struct pump *pump)
{
    if (pump->again != NULL)
        loop_deferred_arm(pump->again);
}

void pump_flush(struct pump *pump)
{
    for (int i = 0; i < FLUSH_RUNS; i++)
        (void)MHD_run(pump->daemon);
}
