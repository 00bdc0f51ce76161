/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Listening socket: accepts connections and gives those whose first byte is of what is spoken here,
 * TLS or plain HTTP, into a pump; holds them to the bounds and deadlines of slots.h, and makes room
 * by closing the connection that has kept this program waiting longest. libmicrohttpd could accept
 * by itself, but at its connection limit, and when descriptors run out, it takes the listening
 * socket out of its epoll set and only thinks of it again at its next run, which nothing announces.
 */
#ifndef CC_HTTP_DOOR_H
#define CC_HTTP_DOOR_H

#include "http/pump.h"
#include "http/slots.h"
#include "http/tls.h"

struct door;

struct door_config {
    int listen_fd;
    struct slot_limits limits;
    struct peer_proxies proxies;
    struct tls *tls;       /* NULL = plain HTTP; stays the caller's, and outlives the door */
    bool asks_certificate; /* of who calls by TLS */
    MHD_AccessHandlerCallback on_request;
    MHD_RequestCompletedCallback on_completed;
    void *user; /* of both */
};

/* Owns: takes listen_fd, also on failure. Errors: CC_ERR_IO, CC_ERR_MEMORY. */
enum cc_err door_new(struct loop *loop, const struct door_config *config,
                     struct door **ret) CC_MUST_CHECK;
/* Closes every connection. None may be suspended. Takes NULL. */
void door_free(struct door *door);
/* Leaves the loop, which may have ended already: accepts nothing more, and only pump_flush() runs
 * its pump. */
void door_detach(struct door *door);
/* Stays the door's. */
struct pump *door_pump(const struct door *door);
/* The slot of an accepted connection. */
struct slot *door_slot(struct MHD_Connection *connection);

#endif
