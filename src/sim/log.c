/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/log.h"

#include "base/loop.h"
#include "sim/state.h"

#include <jansson.h>
#include <stdarg.h>

static void flush_log(void *user)
{
    struct sim *sim = user;
    fflush(sim->log.file);
}

void sim_log_init(struct sim *sim, struct loop *loop, FILE *file)
{
    sim->log.file = file;
    if (file != NULL)
        sim->log.flush = loop_add_deferred(loop, LOOP_PRIORITY_AFTER, flush_log, sim);
}

void sim_log_stop(struct sim *sim)
{
    if (sim->log.file != NULL)
        fflush(sim->log.file);
    sim->log.file = NULL;
    loop_source_free(sim->log.flush);
    sim->log.flush = NULL;
}

void sim_log(struct sim *sim, const char *event, const char *format, ...)
{
    sim_scenario_event(sim, event);
    if (sim->log.file == NULL)
        return;
    json_t *line =
        json_pack("{s:I, s:s}", "at_us", (json_int_t)loop_now_us(sim->loop), "event", event);
    va_list args;
    va_start(args, format);
    json_t *fields = json_vpack_ex(NULL, 0, format, args);
    va_end(args);
    json_object_update(line, fields);
    json_dumpf(line, sim->log.file, JSON_COMPACT);
    fputc('\n', sim->log.file);
    json_decref(fields);
    json_decref(line);
    loop_deferred_arm(sim->log.flush);
}
