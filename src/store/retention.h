/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How long a person stays in a state that has a term (life_has_term()). The data of who has left
 * (LOPDGDD art. 32): for a while as they were, then blocked, then destroyed. The instant of the
 * baja, or since when a person is pendiente_movil, is kept beside the row, as gone_ms.
 */
#ifndef CC_STORE_RETENTION_H
#define CC_STORE_RETENTION_H

#include "store/citizens.h"

/* Since when the term runs, UTC ms; 0 = there is none. Errors: CC_ERR_NOT_FOUND. */
enum cc_err retention_set_since(struct store *store, int64_t citizen_id,
                                int64_t since_ms) CC_MUST_CHECK;
/* People in this state since before an instant, the oldest first; ret has room for `max`, ret_count
 * are filled. A row that does not open stays for a person to look at. */
enum cc_err retention_find(struct store *store, enum life_state state, int64_t before_ms,
                           size_t max, struct citizen *ret, size_t *ret_count) CC_MUST_CHECK;
/* Destroys the row and all that names the person: requests, history and notices. The audit trail,
 * which has a blind index alone, stays whole. Errors: CC_ERR_NOT_FOUND. */
enum cc_err retention_destroy(struct store *store, const struct citizen *citizen) CC_MUST_CHECK;

#endif
