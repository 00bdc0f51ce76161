/* SPDX-License-Identifier: EUPL-1.2 */
/* Work of the simulator at a later time, in order of time, over a single timer of the loop. */
#ifndef CC_SIM_TASKS_H
#define CC_SIM_TASKS_H

#include "base/loop.h"

#include <stdint.h>

struct sim;
struct sim_task;

typedef void (*sim_task_fn)(struct sim *sim, void *arg);

struct sim_tasks {
    struct loop_source *timer;
    struct sim_task *first;
    struct sim_task *last;
};

void sim_tasks_init(struct sim *sim, struct loop *loop);
void sim_tasks_done(struct sim *sim);
/*
 * Runs fn after delay_us; at once, inside this call, when that is 0 or less: a network without
 * latency must not cost a turn of the loop. Equal times keep their order. Owns: arg (from malloc,
 * may be NULL) is freed behind the run.
 */
void sim_later(struct sim *sim, int64_t delay_us, sim_task_fn fn, void *arg);

#endif
