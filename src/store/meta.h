/* SPDX-License-Identifier: EUPL-1.2 */
/* Single numbers that the box remembers, each a tagged row of `meta` by its name. */
#ifndef CC_STORE_META_H
#define CC_STORE_META_H

#include "store/store.h"

/* 0 where there is none, or one that was altered. Errors: CC_ERR_DB. */
enum cc_err meta_read_number(struct store *store, const char *name, int64_t *ret) CC_MUST_CHECK;
/* Nothing is written where the number is that already. In a transaction. Errors: CC_ERR_DB. */
enum cc_err meta_write_number(struct store *store, const char *name, int64_t number) CC_MUST_CHECK;

#endif
