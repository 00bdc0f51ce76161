/* SPDX-License-Identifier: EUPL-1.2 */
/* Keeps the figures of each month (store/monthly.h) up with the audit trail: a piece each minute,
 * and one after the other where more has come, as after an upgrade. */
#ifndef CC_SERVICE_MONTHLY_H
#define CC_SERVICE_MONTHLY_H

#include "domain/life.h"
#include "service/service.h"
#include "store/monthly.h"

struct monthly;

/* service stays the caller's. Owns: monthly_free(). */
struct monthly *monthly_new(struct service *service);
void monthly_free(struct monthly *monthly);
/* The table of the months until now. Errors: CC_ERR_DB. */
enum cc_err monthly_tell(struct service *service, int64_t now_ms,
                         struct monthly_table *ret) CC_MUST_CHECK;
/* Counts a person who goes from a state to another; of a new one, from LIFE_GONE. In the turn.
 * Errors: CC_ERR_DB. */
enum cc_err monthly_count_state(struct service *service, enum life_state from, enum life_state to,
                                int64_t now_ms) CC_MUST_CHECK;
/* Counts SMS that the network took, or that failed for good; count may be negative, for some that
 * are tried again. In the turn. Errors: CC_ERR_DB. */
enum cc_err monthly_count_sms(struct service *service, enum monthly_kind kind, int64_t count,
                              int64_t now_ms) CC_MUST_CHECK;

#endif
