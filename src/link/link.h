/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bytes to and from a modem, of each kind of device (DESIGN decision 4): a serial port, a TCP
 * serial server, a Unix socket, a pty or, in tests, a modem in the same process. Knows nothing of
 * AT.
 */
#ifndef CC_LINK_LINK_H
#define CC_LINK_LINK_H

#include "base/err.h"
#include "base/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link;
struct tape;

enum link_event {
    LINK_UP,   /* open and usable (a TCP connection takes a moment); comes once, first */
    LINK_DATA, /* bytes arrived */
    LINK_LOST, /* hang-up or error: close it; nothing more comes */
};

/* Never called from inside link_open() or link_write(); may close the link. */
typedef void (*link_fn)(enum link_event event, const uint8_t *bytes, size_t len, void *user);

/*
 * How one kind of device opens: `address` is what follows the prefix. On success *ret_fd is a
 * non-blocking descriptor that the link owns from then on. *ret_fd is untouched on failure.
 */
struct link_scheme {
    const char *prefix; /* "tcp:", "pty:", "unix:", "/dev/"…; "" matches any path */
    enum cc_err (*open)(const char *address, void *user, int *ret_fd);
    void *user;
};

/*
 * Opens the device that `spec` names: `extra` (may be NULL; ends with a NULL prefix) is asked
 * first, then the built-in schemes. tape may be NULL and stays the caller's. Errors:
 * CC_ERR_DEVICE_MISSING, _BUSY, _PERMISSION, _NOT_TTY, _SPEC, CC_ERR_IO.
 */
enum cc_err link_open(struct loop *loop, const char *spec, const struct link_scheme *extra,
                      struct tape *tape, link_fn fn, void *user, struct link **ret) CC_MUST_CHECK;
/* Hands bytes over; what the device does not take at once waits here. A failure comes as LINK_LOST.
 */
void link_write(struct link *link, const void *bytes, size_t len);
void link_close(struct link *link);
/* Whether a spec has the form of a known device; for the configuration. */
bool link_spec_is_valid(const char *spec);

#endif
