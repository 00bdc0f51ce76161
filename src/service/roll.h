/* SPDX-License-Identifier: EUPL-1.2 */
/* The registry as a whole, page by page, for lists and its export; an export is audited. */
#ifndef CC_SERVICE_ROLL_H
#define CC_SERVICE_ROLL_H

#include "service/caller.h"
#include "service/cursor.h"
#include "service/service.h"
#include "store/citizens.h"

enum { ROLL_PAGE = 100 };

/*
 * The people behind a cursor (NULL = from the first, which is audited); at most ROLL_PAGE. A row
 * that does not open is visited as NULL. ret_next is the cursor of the next page, "" when there is
 * none. In the turn. Errors: CC_ERR_RANGE (the cursor is not this caller's), CC_ERR_DB.
 */
enum cc_err roll_tell(struct service *service, const struct caller *caller, const char *cursor,
                      int64_t now_ms, citizens_visit_fn visit, void *user,
                      char ret_next[CURSOR_SIZE]) CC_MUST_CHECK;

/* The people behind an id for a list that masks NIF and phone; not audited. *ret_last is the last
 * id, 0 when there are no more. Errors: CC_ERR_DB. */
enum cc_err roll_list(struct service *service, int64_t after, citizens_visit_fn visit, void *user,
                      int64_t *ret_last) CC_MUST_CHECK;

#endif
