/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whose a TCP connection is, as the limit per address counts it. The only listener is on the
 * loopback, where any program of this computer may choose any source address of 127.0.0.0/8: these
 * are one peer, and [::1] is the other. Configured proxies, which carry the calls of the whole
 * town, are exempt by their exact address. Pure.
 */
#ifndef CC_HTTP_PEER_H
#define CC_HTTP_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { PEER_PROXIES_MAX = 16 };

/* Zeroed = a peer that is not counted: a Unix socket's, or a proxy. */
struct peer {
    struct in6_addr address; /* IPv4 mapped into IPv6 */
    bool is_counted;
};

struct peer_proxies {
    size_t count;
    struct in6_addr addresses[PEER_PROXIES_MAX];
};

/* "127.0.0.1, ::1"; "" = none. False: not that, or more than PEER_PROXIES_MAX; *ret as it was. */
bool peer_parse_proxies(const char *text, struct peer_proxies *ret);
struct peer peer_of(const struct sockaddr *address, const struct peer_proxies *proxies);
/* Whether the address is one of the list. */
bool peer_is_listed(const struct sockaddr *address, const struct peer_proxies *list);
/* Of a TCP socket, IPv4 mapped into IPv6; false for other sockets. */
bool peer_read_address(const struct sockaddr *address, struct in6_addr *ret);
/* "192.0.2.7" or "2001:db8::7". */
void peer_format_address(const struct in6_addr *address, char out[INET6_ADDRSTRLEN]);
/*
 * The text of a caller's address; where it is a trusted proxy, of the last address in forwarded,
 * its X-Forwarded-For (NULL = none). "" for other sockets than TCP's.
 */
void peer_write_address(const struct sockaddr *address, const struct peer_proxies *trusted,
                        const char *forwarded, char out[INET6_ADDRSTRLEN]);
bool peer_equal(const struct peer *a, const struct peer *b);
/* Whether they are equal or of the same IPv6 /64, of which one host may choose any address. */
bool peer_is_near(const struct peer *a, const struct peer *b);

#endif
