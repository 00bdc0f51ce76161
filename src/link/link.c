/* SPDX-License-Identifier: EUPL-1.2 */
#include "link/link.h"

#include "base/secret.h"
#include "link/schemes.h"
#include "link/tape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 4096, QUEUE_SIZE = 8192 };

struct link {
    struct loop_source *io;
    struct loop_source *broken; /* tells of a failed write from outside link_write() */
    struct tape *tape;
    link_fn fn;
    void *user;
    int fd;
    bool up;
    size_t queued;
    uint8_t queue[QUEUE_SIZE]; /* bytes that the device has not taken yet */
};

static const struct link_scheme builtin[] = {
    {"tcp:", scheme_tcp_open, NULL},
    {"unix:", scheme_unix_open, NULL},
    {"pty:", scheme_pty_open, NULL},
    {"/", scheme_serial_open, NULL},
    {NULL, NULL, NULL},
};

static const struct link_scheme *find_in(const struct link_scheme *row, const char *spec)
{
    for (; row != NULL && row->prefix != NULL; row++)
        if (strncmp(spec, row->prefix, strlen(row->prefix)) == 0)
            return row;
    return NULL;
}

static const struct link_scheme *find_scheme(const char *spec, const struct link_scheme *extra)
{
    const struct link_scheme *row = find_in(extra, spec);
    return row != NULL ? row : find_in(builtin, spec);
}

/* Finds the address behind the prefix; a path keeps its slash. */
static const char *address_of(const struct link_scheme *scheme, const char *spec)
{
    return scheme->prefix[0] == '/' ? spec : spec + strlen(scheme->prefix);
}

bool link_spec_is_valid(const char *spec)
{
    const struct link_scheme *scheme = find_scheme(spec, NULL);
    if (scheme == NULL)
        return false;
    const char *address = address_of(scheme, spec);
    if (scheme->open == scheme_tcp_open)
        return scheme_tcp_is_valid(address);
    return address[0] != '\0';
}

static void watch_fd(struct link *link)
{
    uint32_t wanted = EPOLLIN | (link->queued > 0 || !link->up ? (uint32_t)EPOLLOUT : 0);
    loop_fd_set_events(link->io, wanted);
}

static void tell_lost(void *user)
{
    struct link *link = user;
    loop_fd_set_events(link->io, 0);
    link->fn(LINK_LOST, NULL, 0, link->user); /* may free the link */
}

/* The first writability: for a socket it tells whether the connection succeeded. */
static void on_first_writable(struct link *link)
{
    int error = 0;
    socklen_t len = sizeof(error);
    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error != 0) {
        tell_lost(link);
        return;
    }
    link->up = true;
    watch_fd(link);
    link->fn(LINK_UP, NULL, 0, link->user);
}

/* False when the device is gone. */
static bool push_bytes(struct link *link, const uint8_t *bytes, size_t len, size_t *ret_taken)
{
    ssize_t n = write(link->fd, bytes, len);
    *ret_taken = n > 0 ? (size_t)n : 0;
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static void drain_queue(struct link *link)
{
    size_t taken = 0;
    if (!push_bytes(link, link->queue, link->queued, &taken)) {
        loop_deferred_arm(link->broken);
        return;
    }
    memmove(link->queue, link->queue + taken, link->queued - taken);
    link->queued -= taken;
    secret_wipe(link->queue + link->queued, taken);
    watch_fd(link);
}

static void read_some(struct link *link)
{
    uint8_t bytes[READ_SIZE];
    ssize_t n = read(link->fd, bytes, sizeof(bytes));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        tell_lost(link);
        return;
    }
    if (link->tape != NULL)
        tape_write(link->tape, TAPE_FROM_MODEM, bytes, (size_t)n);
    link->fn(LINK_DATA, bytes, (size_t)n, link->user); /* may free the link */
}

static void on_io(uint32_t events, void *user)
{
    struct link *link = user;
    if (!link->up && (events & EPOLLOUT)) {
        on_first_writable(link);
        return;
    }
    if ((events & EPOLLOUT) && link->queued > 0)
        drain_queue(link);
    if (events & EPOLLIN)
        read_some(link);
    else if (events & (EPOLLHUP | EPOLLERR))
        tell_lost(link);
}

enum cc_err link_open(struct loop *loop, const char *spec, const struct link_scheme *extra,
                      struct tape *tape, link_fn fn, void *user, struct link **ret)
{
    const struct link_scheme *scheme = find_scheme(spec, extra);
    if (scheme == NULL)
        return CC_ERR_DEVICE_SPEC;
    int fd = -1;
    enum cc_err err = scheme->open(address_of(scheme, spec), scheme->user, &fd);
    if (err != CC_OK)
        return err;
    struct link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        scheme_close(fd);
        return CC_ERR_MEMORY;
    }
    link->tape = tape;
    link->fn = fn;
    link->user = user;
    link->fd = fd;
    link->io = loop_add_fd(loop, fd, EPOLLIN | EPOLLOUT, on_io, link);
    link->broken = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, tell_lost, link);
    *ret = link;
    return CC_OK;
}

void link_write(struct link *link, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    size_t taken = 0;
    if (link->tape != NULL)
        tape_write(link->tape, TAPE_TO_MODEM, from, len);
    if (link->queued == 0 && !push_bytes(link, from, len, &taken)) {
        loop_deferred_arm(link->broken);
        return;
    }
    if (len - taken > QUEUE_SIZE - link->queued) { /* the device takes no more: gone */
        loop_deferred_arm(link->broken);
        return;
    }
    if (taken < len) {
        memcpy(link->queue + link->queued, from + taken, len - taken);
        link->queued += len - taken;
        watch_fd(link);
    }
}

void link_close(struct link *link)
{
    if (link == NULL)
        return;
    loop_source_free(link->io);
    loop_source_free(link->broken);
    scheme_close(link->fd);
    secret_wipe(link->queue, sizeof(link->queue));
    free(link);
}
