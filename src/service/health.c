/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/health.h"

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
