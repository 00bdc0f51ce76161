/* SPDX-License-Identifier: EUPL-1.2 */
/* The JSON-lines log: flushed at the end of each turn of the loop. Nothing happens without a file.
 */
#ifndef CC_SIM_LOG_H
#define CC_SIM_LOG_H

#include "base/loop.h"

#include <stdint.h>
#include <stdio.h>

struct sim;

struct sim_log {
    FILE *file;
    struct loop_source *flush;
};

void sim_log_init(struct sim *sim, struct loop *loop, FILE *file);
/* Nothing more is logged: the loop may have ended already. */
void sim_log_stop(struct sim *sim);
/* Logs a line, and an event of the scenario, if there is one; the format and its arguments are
 * json_pack()'s and make an object. at_us is now. */
void sim_log(struct sim *sim, const char *event, const char *format, ...);

#endif
