/* SPDX-License-Identifier: EUPL-1.2 */
/* What the status page and the probes show. Nothing personal in it. */
#ifndef CC_SERVICE_HEALTH_H
#define CC_SERVICE_HEALTH_H

#include "pool/pool.h"
#include "service/service.h"
#include "store/outbox.h"

struct health_queue {
    int64_t by_state[OUTBOX_EXPIRED + 1];
    int64_t oldest_ms; /* when the oldest that waits was asked for; 0 = none waits */
};

/* Errors: CC_ERR_DB. */
enum cc_err health_queue_count(struct service *service, struct health_queue *ret) CC_MUST_CHECK;

#endif
