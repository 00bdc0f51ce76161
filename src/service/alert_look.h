/* SPDX-License-Identifier: EUPL-1.2 */
/* Which kinds of alert the verdict gives reason for, and what is to be said of one. Pure. */
#ifndef CC_SERVICE_ALERT_LOOK_H
#define CC_SERVICE_ALERT_LOOK_H

#include "base/buf.h"
#include "domain/alerts.h"
#include "service/verdict.h"

enum alert_presence { ALERT_ABSENT, ALERT_PRESENT, ALERT_UNTOLD }; /* untold: stays as it was */

struct alert_look {
    enum alert_presence presence;
    int64_t since_ms;           /* 0 = not known */
    enum verdict_reason reason; /* VERDICT_FINE: the queue, which has none */
};

/* queue_ms: how long a message may wait. */
void alert_look(const struct verdict_facts *facts, const struct verdict *verdict,
                enum alert_kind kind, int64_t queue_ms, struct alert_look *ret);
/* The sentence and the action of a kind that is present, in Spanish. */
void alert_say(const struct verdict_facts *facts, const struct verdict *verdict,
               const struct alert_look *look, struct buf *sentence, struct buf *action);

#endif
