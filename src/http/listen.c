/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/listen.h"

#include "base/list.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { HOST_SIZE = INET6_ADDRSTRLEN, PORT_MAX = 65535, SOCKET_MODE = 0600 };

static const char tls_scheme[] = "https://", mutual_scheme[] = "mtls://";

/* 1 to 5 digits, up to 65535. */
static bool parse_port(const char *text, in_port_t *ret)
{
    size_t len = strspn(text, "0123456789");
    if (len == 0 || len > 5 || text[len] != '\0')
        return false;
    unsigned long port = strtoul(text, NULL, 10);
    if (port > PORT_MAX)
        return false;
    *ret = htons((uint16_t)port);
    return true;
}

/* Splits at the last colon; the brackets of an IPv6 address are taken off. */
static bool split_host(const char *spec, char host[HOST_SIZE], in_port_t *ret_port)
{
    const char *colon = strrchr(spec, ':');
    if (colon == NULL || !parse_port(colon + 1, ret_port))
        return false;
    size_t len = (size_t)(colon - spec);
    if (len >= 2 && spec[0] == '[' && spec[len - 1] == ']') {
        spec++;
        len -= 2;
    } else if (memchr(spec, ':', len) != NULL) {
        return false; /* IPv6 without brackets */
    }
    if (len == 0 || len >= HOST_SIZE)
        return false;
    memcpy(host, spec, len);
    host[len] = '\0';
    return true;
}

/* Fills in address and is_loopback from "127.0.0.1:8024" or "[::1]:8024". */
static bool parse_address(const char *spec, struct listen_item *item)
{
    char host[HOST_SIZE];
    in_port_t port;
    union listen_address *address = &item->address;
    if (!split_host(spec, host, &port))
        return false;
    if (spec[0] == '[' && inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = port;
        item->is_loopback = IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
        return true;
    }
    if (spec[0] != '[' && inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = port;
        item->is_loopback = ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
        return true;
    }
    return false;
}

/* Reads an item of a list, len bytes of text. */
static bool parse_item(const char *text, size_t len, struct listen_item *ret)
{
    *ret = (struct listen_item){.is_tls = false};
    if (len >= sizeof(ret->text))
        return false;
    memcpy(ret->text, text, len);
    ret->text[len] = '\0';
    ret->asks_certificate = strncmp(ret->text, mutual_scheme, strlen(mutual_scheme)) == 0;
    ret->is_tls = ret->asks_certificate || strncmp(ret->text, tls_scheme, strlen(tls_scheme)) == 0;
    const char *scheme = ret->asks_certificate ? mutual_scheme : tls_scheme;
    return parse_address(ret->text + (ret->is_tls ? strlen(scheme) : 0), ret);
}

static bool is_exposed(const struct listen_item *item)
{
    return !item->is_tls && !item->is_loopback;
}

static bool next_item(const char **rest, struct listen_item *ret)
{
    const char *item;
    size_t len;
    return list_take(rest, &item, &len) && parse_item(item, len, ret);
}

enum cc_err listen_parse(const char *text, struct listen_list *ret)
{
    struct listen_list list = {.count = 0};
    text += strspn(text, " ");
    do {
        if (list.count == LISTEN_MAX || !next_item(&text, &list.items[list.count]) ||
            is_exposed(&list.items[list.count]))
            return CC_ERR_CONFIG;
        list.count++;
    } while (*text != '\0');
    *ret = list;
    return CC_OK;
}

bool listen_is_exposed(const char *text)
{
    struct listen_item item;
    text += strspn(text, " ");
    while (*text != '\0' && next_item(&text, &item))
        if (is_exposed(&item))
            return true;
    return false;
}

static enum cc_err listen_failed(const char *where, int error)
{
    static const struct {
        int error;
        enum cc_err err;
    } rows[] = {
        {EADDRINUSE, CC_ERR_ADDRESS_IN_USE},
        {EADDRNOTAVAIL, CC_ERR_CONFIG},
        {EACCES, CC_ERR_CONFIG},
        {EPERM, CC_ERR_CONFIG},
        {ENOENT, CC_ERR_CONFIG},
        {ENOTDIR, CC_ERR_CONFIG},
        {EROFS, CC_ERR_CONFIG},
    };
    enum cc_err err = CC_ERR_IO;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].error == error)
            err = rows[i].err;
    log_error("http: no se puede escuchar en %s: %s", where,
              err == CC_ERR_ADDRESS_IN_USE ? "la dirección ya está en uso"
                                           : err_system_text(error));
    return err;
}

static int open_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

enum cc_err listen_tcp(const struct listen_item *item, int *ret_fd, unsigned *ret_port)
{
    union listen_address address = item->address;
    bool v6 = address.any.sa_family == AF_INET6;
    socklen_t len = v6 ? sizeof(address.v6) : sizeof(address.v4);
    const int on = 1;
    int fd = open_socket(address.any.sa_family);
    if (fd < 0)
        return listen_failed(item->text, errno);
    /* A restart must not wait for the old connections' TIME_WAIT. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        (v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0) ||
        bind(fd, &address.any, len) < 0 || listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, &address.any, &len) < 0) {
        enum cc_err err = listen_failed(item->text, errno);
        close(fd);
        return err;
    }
    *ret_port = ntohs(v6 ? address.v6.sin6_port : address.v4.sin_port);
    *ret_fd = fd;
    return CC_OK;
}

/* Whether the path is a socket on which no process listens. Other files are never removed. */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    int fd = open_socket(AF_UNIX);
    if (fd < 0)
        return false;
    bool refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
                   errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static bool bind_unix(int fd, const struct sockaddr_un *address)
{
    const struct sockaddr *any = (const struct sockaddr *)address;
    if (bind(fd, any, sizeof(*address)) == 0)
        return true;
    if (errno != EADDRINUSE)
        return false;
    if (!is_stale(address)) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(address->sun_path) == 0 && bind(fd, any, sizeof(*address)) == 0;
}

enum cc_err listen_unix(const char *path, int *ret_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof(address.sun_path)) {
        log_error("http: control = \"%s\": la ruta es demasiado larga para un socket", path);
        return CC_ERR_CONFIG;
    }
    memcpy(address.sun_path, path, len + 1);
    int fd = open_socket(AF_UNIX);
    if (fd < 0)
        return listen_failed(path, errno);
    /* The mode is set before listen(): no process can connect until then. */
    if (!bind_unix(fd, &address) || chmod(path, SOCKET_MODE) < 0 || listen(fd, SOMAXCONN) < 0) {
        enum cc_err err = listen_failed(path, errno);
        close(fd);
        return err;
    }
    *ret_fd = fd;
    return CC_OK;
}
