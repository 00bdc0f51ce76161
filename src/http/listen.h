/* SPDX-License-Identifier: EUPL-1.2 */
/* The two listening sockets: TCP on the loopback, and the Unix socket of contraclavectl. */
#ifndef CC_HTTP_LISTEN_H
#define CC_HTTP_LISTEN_H

#include "base/err.h"

#include <netinet/in.h>
#include <sys/socket.h>

union listen_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/*
 * "127.0.0.1:8024", "[::1]:8024". Errors: CC_ERR_CONFIG (not an address and port, or off the
 * loopback: there is no TLS, DESIGN 12). Pure.
 */
enum cc_err listen_parse(const char *spec, union listen_address *ret) CC_MUST_CHECK;
/* Errors: CC_ERR_CONFIG, CC_ERR_ADDRESS_IN_USE, CC_ERR_IO; logged. Owns: the caller closes *ret_fd.
 */
enum cc_err listen_tcp(const char *spec, int *ret_fd, unsigned *ret_port) CC_MUST_CHECK;
/*
 * Mode 0600. A socket file on which no process listens is a left-over and is replaced. Errors as
 * listen_tcp(). Owns: the caller closes *ret_fd and unlinks path.
 */
enum cc_err listen_unix(const char *path, int *ret_fd) CC_MUST_CHECK;

#endif
