/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From the outbox to the modems: priority and due time, the claim inside the turn's transaction,
 * the three outcomes, the back-off by class of error, reports, and expiry at caduca (DESIGN 3). A
 * message that fails goes back with a later due time: it never holds up another.
 */
#ifndef CC_SERVICE_DISPATCH_H
#define CC_SERVICE_DISPATCH_H

#include "pool/pool.h"
#include "service/service.h"

struct dispatch;

/* Takes every `sending` row for unknown (a crash), and starts. pool and service stay the caller's.
 */
enum cc_err dispatch_new(struct loop *loop, struct service *service, struct pool *pool,
                         struct dispatch **ret) CC_MUST_CHECK;
void dispatch_free(struct dispatch *dispatch);
/* The events that the pool's modems must be made with, user = the dispatch. */
extern const struct modem_events dispatch_modem_events;
/* No new claims; idle (may be called at once from the loop) runs when nothing is in flight. */
void dispatch_drain(struct dispatch *dispatch, loop_fn idle, void *user);

#endif
