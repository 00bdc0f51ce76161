/* SPDX-License-Identifier: EUPL-1.2 */
/* The listening sockets: the TCP addresses of `escucha`, and the Unix socket of contraclavectl. */
#ifndef CC_HTTP_LISTEN_H
#define CC_HTTP_LISTEN_H

#include "base/err.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { LISTEN_MAX = 8, LISTEN_TEXT_SIZE = 64 };

union listen_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* An address of the list. */
struct listen_item {
    char text[LISTEN_TEXT_SIZE]; /* as it was written */
    union listen_address address;
    bool is_tls;
    bool asks_certificate; /* of the programs that call */
    bool is_loopback;
};

struct listen_list {
    size_t count;
    struct listen_item items[LISTEN_MAX];
};

/*
 * Reads "127.0.0.1:8024, https://0.0.0.0:8443": addresses with their port, plain HTTP or, behind
 * "https://", TLS; behind "mtls://", TLS that asks programs for their certificates. Errors:
 * CC_ERR_CONFIG (not addresses and ports, none or more than LISTEN_MAX, or plain HTTP off the
 * loopback, DESIGN 12); *ret stays as it was. Pure.
 */
enum cc_err listen_parse(const char *text, struct listen_list *ret) CC_MUST_CHECK;
/* Whether a list that listen_parse() refuses asks for plain HTTP off the loopback. Pure. */
bool listen_is_exposed(const char *text);
/*
 * An IPv6 address takes no IPv4 connections. Errors: CC_ERR_CONFIG, CC_ERR_ADDRESS_IN_USE,
 * CC_ERR_IO; logged. Owns: the caller closes *ret_fd.
 */
enum cc_err listen_tcp(const struct listen_item *item, int *ret_fd,
                       unsigned *ret_port) CC_MUST_CHECK;
/*
 * Mode 0600. A socket file on which no process listens is a left-over and is replaced. Errors as
 * listen_tcp(). Owns: the caller closes *ret_fd and unlinks path.
 */
enum cc_err listen_unix(const char *path, int *ret_fd) CC_MUST_CHECK;

#endif
