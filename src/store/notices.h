/* SPDX-License-Identifier: EUPL-1.2 */
/* When a citizen's phone was last told of something that happens to his NIF: at most once a day. */
#ifndef CC_STORE_NOTICES_H
#define CC_STORE_NOTICES_H

#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

enum notice_kind { NOTICE_WITHHELD, NOTICE_LOCKED, NOTICE_CONTRAST_LOCKED };

/* Marks the notice as given now. *ret_is_first: false = the same was given in the last 24 h, and
 * nothing changed. citizen_id 0 = nobody, for the same work. */
enum cc_err notices_mark(struct store *store, int64_t citizen_id, enum notice_kind kind,
                         int64_t now_ms, bool *ret_is_first) CC_MUST_CHECK;

#endif
