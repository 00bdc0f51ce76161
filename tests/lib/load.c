/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/lib/load.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 2048, CONNECTIONS_MAX = 256 };

struct connection {
    int fd;
    size_t len;
    char answer[BUFFER];
};

static int connect_to(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
        err(1, "connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

static void send_next(const struct load *load, struct connection *c, size_t n)
{
    char request[BUFFER];
    size_t len = load->compose(n, request, sizeof(request), load->user);
    if (write(c->fd, request, len) != (ssize_t)len)
        err(1, "write");
}

/* Length of the whole answer, 0 while it is not all there. */
static size_t whole_answer(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strstr(text, "Content-Length: ");
    if (end == NULL || length == NULL)
        return 0;
    size_t total = (size_t)(end + 4 - text) + strtoul(length + 16, NULL, 10);
    return strlen(text) >= total ? total : 0;
}

/* True when one answer was complete. */
static bool receive(const struct load *load, struct connection *c)
{
    ssize_t n = read(c->fd, c->answer + c->len, sizeof(c->answer) - 1 - c->len);
    if (n <= 0)
        errx(1, "connection closed");
    c->len += (size_t)n;
    c->answer[c->len] = '\0';
    size_t whole = whole_answer(c->answer);
    if (whole == 0)
        return false;
    if (strstr(c->answer, load->expect) == NULL)
        errx(1, "unexpected answer: %s", c->answer);
    c->len = 0;
    return true;
}

double load_run(const struct load *load)
{
    static struct connection connections[CONNECTIONS_MAX];
    struct epoll_event events[64];
    size_t sent = 0, answered = 0;
    int poll = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < load->connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
        connections[i] = (struct connection){.fd = connect_to(load->port)};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event) != 0)
            err(1, "epoll");
        send_next(load, &connections[i], sent++);
    }
    int64_t start = clock_mono_us(), end = start + (int64_t)(load->seconds * 1e6);
    while (clock_mono_us() < end) {
        int ready = epoll_wait(poll, events, 64, 1000);
        for (int i = 0; i < ready; i++) {
            if (!receive(load, events[i].data.ptr))
                continue;
            answered++;
            send_next(load, events[i].data.ptr, sent++);
        }
    }
    double seconds = (double)(clock_mono_us() - start) / 1e6;
    for (size_t i = 0; i < load->connections; i++)
        close(connections[i].fd);
    close(poll);
    return (double)answered / seconds;
}
