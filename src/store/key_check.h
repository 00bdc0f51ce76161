/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The proof in a database that a master key is its own, and what is kept of the master keys that it
 * had before (base/secret.h): subkeys of tags, and the public key of its signatures, sealed under
 * the key that it has. They need no row tag: they open only as they were written, and the proof
 * covers how many they are.
 */
#ifndef CC_STORE_KEY_CHECK_H
#define CC_STORE_KEY_CHECK_H

#include "store/store.h"

/* Adds the keys of before to store->keys and compares. Errors: CC_ERR_KEY_WRONG (also where one of
 * them does not open). */
enum cc_err key_check_compare(struct store *store) CC_MUST_CHECK;
/* Writes the proof of a new database; *ret_is_new tells whether there was none. */
enum cc_err key_check_write(struct store *store, bool *ret_is_new) CC_MUST_CHECK;
/* The same over that of the keys before, once they were written. */
enum cc_err key_check_renew(struct store *store) CC_MUST_CHECK;
/* Writes into `to`, whose key is new, what it keeps of the keys of `from`, and adds them to its
 * keys. Errors: CC_ERR_NO_SPACE (too many). */
enum cc_err key_check_write_old(struct store *to, struct store *from, int64_t now_ms) CC_MUST_CHECK;

#endif
