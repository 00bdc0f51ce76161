/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/health.h"

#include "store/requests.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

enum cc_err health_queue_count(struct service *service, struct health_queue *ret)
{
    struct health_queue queue;
    for (int state = OUTBOX_QUEUED; state <= OUTBOX_EXPIRED; state++) {
        enum cc_err err =
            outbox_count(service->store, (enum outbox_state)state, &queue.by_state[state]);
        if (err != CC_OK)
            return err;
    }
    enum cc_err err = outbox_oldest(service->store, &queue.oldest_ms);
    if (err == CC_OK)
        *ret = queue;
    return err;
}

enum cc_err health_town_alarm(struct service *service, int64_t now_ms, bool *ret_alarm)
{
    const struct limits *limits = &service->settings->limits;
    const struct {
        int64_t since_ms, limit;
    } windows[] = {
        {now_ms - HOUR_MS, limits->town_failures_hour},
        {now_ms - DAY_MS, limits->town_failures_day},
    };
    bool alarm = false;
    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        int64_t count = 0;
        if (windows[i].limit == 0)
            continue;
        enum cc_err err =
            failures_count_town(service->store, windows[i].since_ms, windows[i].limit, &count);
        if (err != CC_OK)
            return err;
        alarm = alarm || count >= windows[i].limit;
    }
    *ret_alarm = alarm;
    return CC_OK;
}
