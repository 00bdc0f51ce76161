/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/tasks.h"

#include "base/loop.h"
#include "sim/state.h"

#include <stdlib.h>

struct sim_task {
    struct sim_task *next;
    int64_t due_us;
    sim_task_fn fn;
    void *arg;
};

static void arm_timer(struct sim_tasks *tasks)
{
    if (tasks->first != NULL)
        loop_timer_set(tasks->timer, tasks->first->due_us);
    else
        loop_timer_clear(tasks->timer);
}

static void run_due(void *user)
{
    struct sim *sim = user;
    struct sim_tasks *tasks = &sim->tasks;
    int64_t now_us = loop_now_us(sim->loop);
    while (tasks->first != NULL && tasks->first->due_us <= now_us) {
        struct sim_task *task = tasks->first;
        tasks->first = task->next;
        if (tasks->first == NULL)
            tasks->last = NULL;
        task->fn(sim, task->arg);
        free(task->arg);
        free(task);
    }
    arm_timer(tasks);
    sim_line_flush(sim);
}

void sim_tasks_init(struct sim *sim, struct loop *loop)
{
    sim->tasks.timer = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, run_due, sim);
}

void sim_tasks_done(struct sim *sim)
{
    while (sim->tasks.first != NULL) {
        struct sim_task *task = sim->tasks.first;
        sim->tasks.first = task->next;
        free(task->arg);
        free(task);
    }
    sim->tasks.last = NULL;
    loop_source_free(sim->tasks.timer);
}

/* Most tasks come in order of time (one latency for all), so the last place is tried first. */
static void insert_task(struct sim_tasks *tasks, struct sim_task *task)
{
    struct sim_task **at = &tasks->first;
    if (tasks->last != NULL && tasks->last->due_us <= task->due_us)
        at = &tasks->last->next;
    while (*at != NULL && (*at)->due_us <= task->due_us)
        at = &(*at)->next;
    task->next = *at;
    *at = task;
    if (task->next == NULL)
        tasks->last = task;
}

void sim_later(struct sim *sim, int64_t delay_us, sim_task_fn fn, void *arg)
{
    if (delay_us <= 0) {
        fn(sim, arg);
        free(arg);
        return;
    }
    struct sim_task *task = sim_alloc(1, sizeof(*task));
    task->due_us = loop_now_us(sim->loop) + delay_us;
    task->fn = fn;
    task->arg = arg;
    insert_task(&sim->tasks, task);
    arm_timer(&sim->tasks);
}
