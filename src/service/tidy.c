/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/tidy.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/span.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum {
    NIGHT_HOUR = 3,
    QUIET_S = 2,
    AGAIN_S = 10,     /* another process was reading: a copy, the doctor */
    LONGEST_S = 3600, /* a box that is never quiet */
    NIGHT_NONE = -1,
};

struct tidy {
    struct service *service;
    struct loop_source *timer;
    int done_night;
    int64_t limit_us; /* when it is done without waiting for quiet; 0 = it is not due */
};

int tidy_night(int64_t now_ms)
{
    struct tm tm;
    time_t at_s = (time_t)(now_ms / MS_PER_S - NIGHT_HOUR * HOUR_S);
    return localtime_r(&at_s, &tm) != NULL ? tm.tm_year * 366 + tm.tm_yday : 0;
}

static void on_commit(void *user)
{
    struct tidy *tidy = user;
    int64_t now_us = loop_now_us(tidy->service->loop), at_us = now_us + QUIET_S * US_PER_S;
    if (tidy_night(loop_wall_ms(tidy->service->loop)) == tidy->done_night)
        return;
    if (tidy->limit_us == 0)
        tidy->limit_us = now_us + LONGEST_S * US_PER_S;
    loop_timer_set(tidy->timer, at_us < tidy->limit_us ? at_us : tidy->limit_us);
}

static void on_quiet(void *user)
{
    struct tidy *tidy = user;
    int64_t start_us = loop_now_us(tidy->service->loop);
    turn_flush(tidy->service->turn);
    if (db_empty_log(tidy->service->store->db) != CC_OK) {
        loop_timer_set(tidy->timer, start_us + AGAIN_S * US_PER_S);
        return;
    }
    log_info("base de datos: diario vaciado en %" PRId64 " ms",
             (loop_now_us(tidy->service->loop) - start_us) / 1000);
    tidy->done_night = tidy_night(loop_wall_ms(tidy->service->loop));
    tidy->limit_us = 0;
    loop_timer_clear(tidy->timer);
}

struct tidy *tidy_new(struct service *service)
{
    struct tidy *tidy = alloc_or_abort(sizeof(*tidy));
    tidy->service = service;
    tidy->done_night = tidy_night(loop_wall_ms(tidy->service->loop));
    tidy->timer = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_quiet, tidy);
    turn_set_after(service->turn, TURN_HOOK_TIDY, on_commit, tidy);
    return tidy;
}

void tidy_ask(struct tidy *tidy)
{
    tidy->done_night = NIGHT_NONE;
    on_commit(tidy);
}

void tidy_free(struct tidy *tidy)
{
    if (tidy == NULL)
        return;
    turn_set_after(tidy->service->turn, TURN_HOOK_TIDY, NULL, NULL);
    loop_source_free(tidy->timer);
    free(tidy);
}
