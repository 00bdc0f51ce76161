/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/monthly.h"

#include "base/alloc.h"
#include "base/span.h"
#include "store/db_lead.h"

#include <stdlib.h>

static const int64_t minute_us = 60 * US_PER_S;
static const int64_t next_piece_us = US_PER_S / 10; /* each waits for the disk */

struct monthly {
    struct service *service;
    struct loop_source *timer;
};

static void on_timer(void *user)
{
    struct monthly *monthly = user;
    struct service *service = monthly->service;
    bool more = false;
    if (db_leads(service->store->db) && turn_enter(service->turn) == CC_OK)
        turn_leave(service->turn, monthly_fold(service->store, &more) == CC_OK);
    loop_timer_in(monthly->timer, more ? next_piece_us : minute_us);
}

struct monthly *monthly_new(struct service *service)
{
    struct monthly *monthly = alloc_or_abort(sizeof(*monthly));
    monthly->service = service;
    monthly->timer = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_timer, monthly);
    loop_timer_loosen(monthly->timer);
    loop_timer_in(monthly->timer, minute_us);
    return monthly;
}

void monthly_free(struct monthly *monthly)
{
    if (monthly == NULL)
        return;
    loop_source_free(monthly->timer);
    free(monthly);
}

enum cc_err monthly_tell(struct service *service, int64_t now_ms, struct monthly_table *ret)
{
    return monthly_read(service->store, now_ms, ret);
}

enum cc_err monthly_count_sms(struct service *service, enum monthly_kind kind, int64_t count,
                              int64_t now_ms)
{
    return count != 0 ? monthly_add(service->store, kind, count, now_ms) : CC_OK;
}

enum cc_err monthly_count_state(struct service *service, enum life_state from, enum life_state to,
                                int64_t now_ms)
{
    int64_t change = (to == LIFE_ACTIVE) - (from == LIFE_ACTIVE);
    return change != 0 ? monthly_add(service->store, MONTHLY_ACTIVE, change, now_ms) : CC_OK;
}
