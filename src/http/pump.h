/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One libmicrohttpd daemon inside the loop: its epoll fd is watched, its time-outs are a timer, and
 * what it has left to do after a run it does on the next pass.
 */
#ifndef CC_HTTP_PUMP_H
#define CC_HTTP_PUMP_H

#include "base/err.h"
#include "base/loop.h"

#include <microhttpd.h>

struct pump;

struct pump_config {
    int listen_fd;
    unsigned connections; /* at most; more wait in the kernel's queue */
    unsigned idle_s;      /* a silent connection is closed after this */
    MHD_AccessHandlerCallback on_request;
    MHD_RequestCompletedCallback on_completed;
    void *user;
};

/* Owns: takes listen_fd, also on failure. Errors: CC_ERR_IO, CC_ERR_MEMORY. */
enum cc_err pump_new(struct loop *loop, const struct pump_config *config,
                     struct pump **ret) CC_MUST_CHECK;
/* Closes every connection. None may be suspended. Takes NULL. */
void pump_free(struct pump *pump);
/* A connection was resumed: run on the next pass. Nothing once detached. */
void pump_wake(struct pump *pump);
/* Leaves the loop, which may have ended already; from then on only pump_flush() runs it. */
void pump_detach(struct pump *pump);
/* Writes out what can be written without waiting; for the end of the program. */
void pump_flush(struct pump *pump);

#endif
