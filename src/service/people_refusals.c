/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/people_private.h"

#include "base/loop.h"
#include "service/caller.h"

#include <inttypes.h>
#include <stdio.h>

enum { OWN_ROWS_MAX = 20 };

#define MINUTE_US INT64_C(60000000)

static void append_row(struct people *people, const char *event, int64_t operator_id,
                       int64_t reference, struct caller caller)
{
    struct service *service = people->service;
    (void)snprintf(caller.name, sizeof(caller.name), "operador:%" PRId64, operator_id);
    if (turn_enter(service->turn) != CC_OK)
        return;
    enum cc_err err =
        people_audit(people, event, &caller, "rechazado", reference, service_now_ms(service));
    turn_leave(service->turn, err == CC_OK);
}

/* Whether a refusal of a name that has no account gets a row, or is counted with others. */
static bool takes_own_row(struct people *people)
{
    struct people_strangers *strangers = &people->strangers;
    if (strangers->own_rows == 0)
        loop_timer_set(strangers->minute, loop_now_us(people->service->loop) + MINUTE_US);
    if (strangers->own_rows == OWN_ROWS_MAX) {
        strangers->together++;
        return false;
    }
    strangers->own_rows++;
    return true;
}

void people_note_failure(struct people *people, const char *event, int64_t operator_id,
                         const struct caller *caller)
{
    if (operator_id != 0 || takes_own_row(people))
        append_row(people, event, operator_id, operator_id, *caller);
}

static void on_minute(void *user)
{
    struct people *people = user;
    int64_t together = people->strangers.together;
    people->strangers.together = people->strangers.own_rows = 0;
    if (together > 0)
        append_row(people, "sesion_abrir", 0, together, (struct caller){.id = 0});
}

void people_start_refusals(struct people *people)
{
    people->strangers.minute =
        loop_add_timer(people->service->loop, LOOP_PRIORITY_NORMAL, on_minute, people);
}

void people_end_refusals(struct people *people)
{
    on_minute(people);
    turn_flush(people->service->turn);
}
