/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How long the data of somebody who has left stay (LOPDGDD art. 32): for a while as they were, then
 * blocked, then destroyed. The instant of the baja is kept beside the row.
 */
#ifndef CC_STORE_RETENTION_H
#define CC_STORE_RETENTION_H

#include "store/citizens.h"

/* When the person left, UTC ms; 0 = he has not. Errors: CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err retention_set_gone(struct store *store, int64_t citizen_id,
                               int64_t gone_ms) CC_MUST_CHECK;
/*
 * Those in this state who left before an instant, the oldest first; ret has room for `max`,
 * ret_count are filled. A row that does not open stays for a person to look at. Errors: CC_ERR_DB.
 */
enum cc_err retention_find(struct store *store, enum life_state state, int64_t before_ms,
                           size_t max, struct citizen *ret, size_t *ret_count) CC_MUST_CHECK;
/* Destroys the row and all that names the person: requests, history and notices. The audit trail,
 * which has a blind index alone, stays whole. Errors: CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err retention_destroy(struct store *store, const struct citizen *citizen) CC_MUST_CHECK;

#endif
