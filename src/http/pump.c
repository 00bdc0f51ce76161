/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/pump.h"

#include "base/log.h"
#include "http/tls.h"

#include <gnutls/abstract.h>

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum {
    FLUSH_RUNS = 8,
    HANDSHAKE_US = 5000,
    /* Half of it is read at a time; a request line with its headers must fit. */
    CONNECTION_MEMORY = 16 * 1024
};

struct pump {
    struct MHD_Daemon *daemon;
    struct loop_source *ready;
    struct loop_source *again; /* on the next pass */
    struct loop_source *later; /* while a handshake is under way */
    size_t handshakes;
    size_t parked;
    bool has_progress; /* of the last run */
};

/*
 * MHD_get_timeout() says 0 when connections are left with work that epoll will not report again
 * (resumed, pipelined): without another run they would stall. It has no time-outs of its own.
 */
static void pump_run(struct pump *pump)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    pump->has_progress = false;
    if (MHD_run(pump->daemon) != MHD_YES)
        log_error("http: MHD_run ha fallado");
    if (MHD_get_timeout(pump->daemon, &wait_ms) != MHD_YES || wait_ms != 0)
        return;
    if (pump->handshakes == 0 && pump->parked > 0 && !pump->has_progress)
        return;
    if (pump->handshakes == 0)
        loop_deferred_arm(pump->again);
    else
        loop_timer_in(pump->later, HANDSHAKE_US);
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

/* libmicrohttpd wants a certificate of its own; each session has got one before its handshake. */
static int give_no_certificate(gnutls_session_t session, const gnutls_datum_t *names, int count,
                               const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
                               gnutls_pcert_st **ret_chain, unsigned *ret_len,
                               gnutls_privkey_t *ret_key)
{
    (void)session, (void)names, (void)count, (void)algorithms, (void)algorithm_count;
    (void)ret_chain, (void)ret_len, (void)ret_key;
    return -1;
}

/* With its locks, libmicrohttpd 1.0 (Debian 13) announces a connection that is added only in its
 * next run; the caller of pump_add() knows by the announcement that it was taken. */
#if MHD_VERSION >= 0x00097707
enum { ONE_THREAD = MHD_USE_NO_THREAD_SAFETY };
#else
enum { ONE_THREAD = 0 };
#endif

static struct MHD_Daemon *start_daemon(const struct pump_config *config)
{
    struct MHD_OptionItem tls_options[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(intptr_t)give_no_certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_priorities},
        {MHD_OPTION_END, 0, NULL}};
    if (!config->is_tls)
        tls_options[0].option = MHD_OPTION_END;
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET |
                                ONE_THREAD | (config->is_tls ? MHD_USE_TLS : 0),
                            0, NULL, NULL, config->on_request, config->user,
                            MHD_OPTION_CONNECTION_LIMIT, config->connections,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
                            MHD_OPTION_NOTIFY_COMPLETED, config->on_completed, config->user,
                            MHD_OPTION_NOTIFY_CONNECTION, config->on_connection,
                            config->connection_user, MHD_OPTION_URI_LOG_CALLBACK, config->on_uri,
                            config->connection_user, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes,
                            NULL, MHD_OPTION_ARRAY, tls_options, MHD_OPTION_END);
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
    pump->later = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_again, pump);
    *ret = pump;
    return CC_OK;
}

void pump_detach(struct pump *pump)
{
    loop_source_free(pump->ready);
    loop_source_free(pump->again);
    loop_source_free(pump->later);
    pump->ready = pump->again = pump->later = NULL;
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

void pump_set_handshakes(struct pump *pump, size_t count)
{
    pump->handshakes = count;
}

void pump_park(struct pump *pump)
{
    pump->parked++;
}

void pump_unpark(struct pump *pump)
{
    pump->parked--;
}

void pump_note_progress(struct pump *pump)
{
    pump->has_progress = true;
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
