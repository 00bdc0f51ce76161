/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An import of people between the order and its end: its lines in parts, sealed and numbered from
 * 1, and the order as part 0, which is written last and deleted last. Without part 0 the parts are
 * rubbish of an import that was not ordered; with it, the import is to be carried to its end.
 */
#ifndef CC_STORE_IMPORTS_H
#define CC_STORE_IMPORTS_H

#include "store/store.h"

enum { IMPORTS_ORDER = 0, IMPORTS_PART_MAX = 4096, IMPORTS_ID_BYTES = 16 };

/* id: of the import; each part opens only under its own (zeros for the order). */
enum cc_err imports_insert(struct store *store, const uint8_t id[IMPORTS_ID_BYTES], int64_t part,
                           const void *bytes, size_t len) CC_MUST_CHECK;
/* The first part behind `after` (-1 = the order, where there is one). out has room for
 * IMPORTS_PART_MAX. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED. */
enum cc_err imports_find_next(struct store *store, const uint8_t id[IMPORTS_ID_BYTES],
                              int64_t after, int64_t *ret_part, void *out,
                              size_t *ret_len) CC_MUST_CHECK;
enum cc_err imports_delete(struct store *store, int64_t part) CC_MUST_CHECK;
/* Deletes some of the parts; *ret_more: there may be more. */
enum cc_err imports_delete_some(struct store *store, bool *ret_more) CC_MUST_CHECK;

#endif
