/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/port.h"

#include "base/log.h"
#include "sim/socket.h"
#include "sim/state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

struct sim_port {
    struct loop *loop;
    struct sim *sim;
    enum sim_port_kind kind;
    char *path;  /* of the link or the socket, now */
    char *other; /* name after a rename: the two take turns */
    int tcp_port;
    int listener; /* -1 for a pty, and while vanished */
    struct loop_source *source;
};

/* ---- pty ---- */

/* In one step, so that a client finds the old or the new end, never none. */
static bool point_link(const char *path, const char *target)
{
    char temporary[PATH_MAX];
    struct stat st;
    if (lstat(path, &st) == 0 && !S_ISLNK(st.st_mode)) {
        errno = EEXIST;
        return false;
    }
    if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return false;
    }
    unlink(temporary);
    return symlink(target, temporary) == 0 && rename(temporary, path) == 0;
}

static bool prepare_pty(int master, const char *path)
{
    struct termios raw;
    char slave[64];
    if (grantpt(master) != 0 || unlockpt(master) != 0 ||
        ptsname_r(master, slave, sizeof(slave)) != 0 || tcgetattr(master, &raw) != 0)
        return false;
    cfmakeraw(&raw);
    return tcsetattr(master, TCSANOW, &raw) == 0 && point_link(path, slave);
}

/*
 * Each client gets a new pty: one that was open before keeps the settings, the exclusive lock and
 * the unread bytes of the process that had it.
 */
static bool offer_pty(struct sim_port *port)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (master < 0 || !prepare_pty(master, port->path)) {
        log_error("simmodem: %s: %s", port->path, strerror(errno));
        if (master >= 0)
            close(master);
        return false;
    }
    sim_attach(port->sim, master);
    return true;
}

/* ---- sockets ---- */

static void on_connection(uint32_t events, void *user)
{
    struct sim_port *port = user;
    (void)events;
    int fd = sim_socket_accept(port->listener);
    if (fd < 0)
        return;
    if (sim_has_client(port->sim)) /* a single client at a time, as with a cable */
        close(fd);
    else
        sim_attach(port->sim, fd);
}

static bool offer_socket(struct sim_port *port)
{
    port->listener = port->kind == SIM_PORT_TCP ? sim_socket_listen_tcp(&port->tcp_port)
                                                : sim_socket_listen_unix(port->path);
    if (port->listener < 0) {
        log_error("simmodem: %s: %s", port->path, strerror(errno));
        return false;
    }
    port->source = loop_add_fd(port->loop, port->listener, EPOLLIN, on_connection, port);
    return true;
}

/* ---- both ---- */

static bool offer_port(struct sim_port *port)
{
    return port->kind == SIM_PORT_PTY ? offer_pty(port) : offer_socket(port);
}

static void withdraw_port(struct sim_port *port)
{
    if (port->kind != SIM_PORT_TCP)
        unlink(port->path);
    loop_source_free(port->source);
    port->source = NULL;
    if (port->listener >= 0)
        close(port->listener);
    port->listener = -1;
}

static void on_detached(void *user)
{
    struct sim_port *port = user;
    if (port->kind == SIM_PORT_PTY && !offer_pty(port))
        loop_exit(port->loop, EXIT_FAILURE);
}

static void on_vanished(void *user)
{
    withdraw_port(user);
}

static void on_back(void *user, bool renamed)
{
    struct sim_port *port = user;
    char *path = port->path;
    if (renamed && port->kind != SIM_PORT_TCP) {
        port->path = port->other;
        port->other = path;
    }
    if (!offer_port(port))
        loop_exit(port->loop, EXIT_FAILURE);
}

static void on_name(void *user, char *out, size_t cap)
{
    sim_port_spec(user, out, cap);
}

static const struct sim_host host = {
    .detached = on_detached,
    .vanished = on_vanished,
    .back = on_back,
    .name = on_name,
};

/* "ttyUSB0" is ttyUSB1 the next time, "modem" is modem1. */
static char *other_name(const char *path)
{
    char name[PATH_MAX];
    size_t stem = strlen(path);
    while (stem > 0 && strchr("0123456789", path[stem - 1]) != NULL)
        stem--;
    snprintf(name, sizeof(name), "%.*s%ld", (int)stem, path, strtol(path + stem, NULL, 10) + 1);
    return sim_strdup(name);
}

static void forget_client(struct sim_port *port)
{
    free(port->path);
    free(port->other);
    free(port);
}

enum cc_err sim_port_open(struct loop *loop, struct sim *sim, enum sim_port_kind kind,
                          const char *address, struct sim_port **ret)
{
    struct sim_port *port = sim_alloc(1, sizeof(*port));
    port->loop = loop;
    port->sim = sim;
    port->kind = kind;
    port->path = sim_strdup(address);
    port->other = other_name(address);
    port->tcp_port = kind == SIM_PORT_TCP ? (int)strtol(address, NULL, 10) : 0;
    port->listener = -1;
    if (!offer_port(port)) {
        forget_client(port);
        return CC_ERR_IO;
    }
    sim_set_host(sim, &host, port);
    *ret = port;
    return CC_OK;
}

void sim_port_spec(const struct sim_port *port, char *out, size_t cap)
{
    if (port->kind == SIM_PORT_TCP)
        snprintf(out, cap, "tcp:127.0.0.1:%d", port->tcp_port);
    else
        snprintf(out, cap, "%s:%s", port->kind == SIM_PORT_PTY ? "pty" : "unix", port->path);
}

void sim_port_free(struct sim_port *port)
{
    if (port == NULL)
        return;
    sim_set_host(port->sim, NULL, NULL);
    withdraw_port(port);
    forget_client(port);
}
