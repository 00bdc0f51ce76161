/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where the modem can be found: a pty behind a symbolic link, a TCP port or a Unix socket. Offers
 * the line again when a client has left, and takes the port away while the modem has vanished.
 */
#ifndef CC_SIM_PORT_H
#define CC_SIM_PORT_H

#include "base/err.h"
#include "base/loop.h"
#include "sim/sim.h"

#include <stddef.h>

enum sim_port_kind { SIM_PORT_PTY, SIM_PORT_TCP, SIM_PORT_UNIX };

struct sim_port;

/* address: a path, or the number of a TCP port (0 = a free one). Errors: CC_ERR_IO (logged). */
enum cc_err sim_port_open(struct loop *loop, struct sim *sim, enum sim_port_kind kind,
                          const char *address, struct sim_port **ret) CC_MUST_CHECK;
/* "tcp:127.0.0.1:PORT", "pty:PATH", "unix:PATH": what a client opens. */
void sim_port_spec(const struct sim_port *port, char *out, size_t cap);
void sim_port_free(struct sim_port *port);

#endif
