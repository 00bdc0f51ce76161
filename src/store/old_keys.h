/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is kept of the master keys that this database had before (base/secret.h): subkeys of tags,
 * and the public key of its signatures, sealed under the key that it has. They need no row tag:
 * they open only as they were written, and the proof of the key covers how many they are.
 */
#ifndef CC_STORE_OLD_KEYS_H
#define CC_STORE_OLD_KEYS_H

#include "store/store.h"

/* Adds those of the database to store->keys. Nothing in a database from before them. Errors:
 * CC_ERR_KEY_WRONG (one does not open), CC_ERR_DB. */
enum cc_err old_keys_load(struct store *store) CC_MUST_CHECK;
/* Writes into `to`, whose key is new, what it keeps of the keys of `from`, and adds them to its
 * keys. Errors: CC_ERR_NO_SPACE (too many), CC_ERR_DB. */
enum cc_err old_keys_write(struct store *to, struct store *from, int64_t now_ms) CC_MUST_CHECK;

#endif
