/* SPDX-License-Identifier: EUPL-1.2 */
/* The proof in a database that a master key is its own. */
#ifndef CC_STORE_KEY_CHECK_H
#define CC_STORE_KEY_CHECK_H

#include "store/store.h"

/* Adds the keys before (store/old_keys.h) to store->keys and compares. Errors: CC_ERR_KEY_WRONG,
 * CC_ERR_DB. */
enum cc_err key_check_compare(struct store *store) CC_MUST_CHECK;
/* Writes the proof of a new database; *ret_is_new tells whether there was none. */
enum cc_err key_check_write(struct store *store, bool *ret_is_new) CC_MUST_CHECK;
/* The same over that of the keys before, once they were written. */
enum cc_err key_check_renew(struct store *store) CC_MUST_CHECK;

#endif
