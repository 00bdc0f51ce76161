/* SPDX-License-Identifier: EUPL-1.2 */
/* Devices that are plain descriptors: TCP serial servers, Unix sockets, pseudo-terminals. */
#include "link/schemes.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static bool split_host_port(const char *address, char *host, size_t cap, const char **ret_port)
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon[1] == '\0')
        return false;
    size_t len = (size_t)(colon - address);
    if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
        address++;
        len -= 2;
    }
    if (len == 0 || len >= cap)
        return false;
    memcpy(host, address, len);
    host[len] = '\0';
    *ret_port = colon + 1;
    return true;
}

static enum cc_err resolve_host(const char *address, struct addrinfo **ret)
{
    char host[64];
    const char *port = NULL;
    if (!split_host_port(address, host, sizeof(host), &port))
        return CC_ERR_DEVICE_SPEC;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    const char *numeric = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    return getaddrinfo(numeric, port, &hints, ret) == 0 ? CC_OK : CC_ERR_DEVICE_SPEC;
}

bool scheme_tcp_is_valid(const char *address)
{
    struct addrinfo *info = NULL;
    if (resolve_host(address, &info) != CC_OK)
        return false;
    freeaddrinfo(info);
    return true;
}

/* A serial server that lost its power sends no FIN: the kernel asks, and says so within half a
 * minute. */
static void keep_alive(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},   {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 15}, {IPPROTO_TCP, TCP_KEEPINTVL, 5},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                         sizeof(options[i].value));
}

static enum cc_err connect_to(int family, const struct sockaddr *to, socklen_t len, int *ret_fd)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return CC_ERR_IO;
    if (connect(fd, to, len) != 0 && errno != EINPROGRESS) {
        enum cc_err err = scheme_error(errno);
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return CC_OK;
}

enum cc_err scheme_tcp_open(const char *address, void *user, int *ret_fd)
{
    (void)user;
    struct addrinfo *info = NULL;
    enum cc_err err = resolve_host(address, &info);
    if (err != CC_OK)
        return err;
    int fd = -1;
    err = connect_to(info->ai_family, info->ai_addr, info->ai_addrlen, &fd);
    freeaddrinfo(info);
    if (err != CC_OK)
        return err;
    keep_alive(fd);
    *ret_fd = fd;
    return CC_OK;
}

enum cc_err scheme_unix_open(const char *path, void *user, int *ret_fd)
{
    (void)user;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(to.sun_path))
        return CC_ERR_DEVICE_SPEC;
    memcpy(to.sun_path, path, len);
    return connect_to(AF_UNIX, (const struct sockaddr *)&to, sizeof(to), ret_fd);
}

static bool make_raw(int fd)
{
    struct termios settings;
    if (tcgetattr(fd, &settings) != 0)
        return false;
    cfmakeraw(&settings);
    return tcsetattr(fd, TCSANOW, &settings) == 0;
}

enum cc_err scheme_pty_open(const char *path, void *user, int *ret_fd)
{
    (void)user;
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return scheme_error(errno);
    enum cc_err err = isatty(fd) ? scheme_lock(fd) : CC_ERR_DEVICE_NOT_TTY;
    if (err != CC_OK) {
        close(fd);
        return err;
    }
    if (!make_raw(fd)) {
        scheme_close(fd);
        return CC_ERR_IO;
    }
    *ret_fd = fd;
    return CC_OK;
}
