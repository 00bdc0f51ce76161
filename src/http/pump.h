/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Runs a libmicrohttpd daemon inside the loop: its epoll fd is watched, and the work left after a
 * run is done on the next pass. Connections are accepted, timed and limited by door.h.
 */
#ifndef CC_HTTP_PUMP_H
#define CC_HTTP_PUMP_H

#include "base/err.h"
#include "base/loop.h"

#include <microhttpd.h>

struct pump;

struct pump_config {
    unsigned connections; /* at most: pump_add() refuses more */
    MHD_AccessHandlerCallback on_request;
    MHD_RequestCompletedCallback on_completed;
    void *user; /* of these two */
    MHD_NotifyConnectionCallback on_connection;
    void *(*on_uri)(void *user, const char *uri, struct MHD_Connection *connection);
    void *connection_user; /* of these two */
    bool is_tls;           /* on_connection then gives each new session its certificate */
};

/* Errors: CC_ERR_IO, CC_ERR_MEMORY. */
enum cc_err pump_new(struct loop *loop, const struct pump_config *config,
                     struct pump **ret) CC_MUST_CHECK;
/* Closes every connection. None may be suspended. Takes NULL. */
void pump_free(struct pump *pump);
/*
 * Serves an accepted connection; on_connection is called from inside this call. Owns: takes fd,
 * also where it is refused; it is then closed.
 */
void pump_add(struct pump *pump, int fd, const struct sockaddr *address, socklen_t len);
/*
 * How many TLS handshakes may be under way. While one is, libmicrohttpd 0.9.75 always has work left
 * (it does not note that a handshake waits for the client), and is run for that every few
 * milliseconds only: to run it on each pass would leave no time for anything else.
 */
void pump_set_handshakes(struct pump *pump, size_t count);
/*
 * A request waits for what pump_wake() tells of, and its connection is not suspended: libmicrohttpd
 * always has work left then, and while such requests are all that it meets it is not run for that.
 */
void pump_park(struct pump *pump);
void pump_unpark(struct pump *pump);
/* A request was begun, went on or ended in this run. */
void pump_note_progress(struct pump *pump);
/* A connection was resumed: run on the next pass. Nothing once detached. */
void pump_wake(struct pump *pump);
/* Leaves the loop, which may have ended already; from then on only pump_flush() runs it. */
void pump_detach(struct pump *pump);
/* Writes out what can be written without waiting; for the end of the program. */
void pump_flush(struct pump *pump);

#endif
