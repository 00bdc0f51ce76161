/* SPDX-License-Identifier: EUPL-1.2 */
/* The control socket of simmodem: one JSON object per line in, its answer as one line out. */
#ifndef CC_SIM_CONSOLE_H
#define CC_SIM_CONSOLE_H

#include "base/err.h"
#include "base/loop.h"
#include "sim/sim.h"

struct sim_console;

/* Errors: CC_ERR_IO, with errno. Owns: sim_console_free(), which removes the socket. */
enum cc_err sim_console_open(struct loop *loop, struct sim *sim, const char *path,
                             struct sim_console **ret) CC_MUST_CHECK;
void sim_console_free(struct sim_console *console);

#endif
