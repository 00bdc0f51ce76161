/* SPDX-License-Identifier: EUPL-1.2 */
/* What a connection that takes the place of another has of it. */
#ifndef CC_STORE_DB_HISTORY_H
#define CC_STORE_DB_HISTORY_H

#include "store/db.h"

/* A connection that takes the place of another goes on counting where that was, and fails as fast:
 * what the owner of a copy has does not hold any more. */
struct db_history {
    uint64_t rollbacks, transactions;
    bool fails_fast;
};
struct db_history db_history(const struct db *db);
void db_succeed(struct db *db, const struct db_history *before);

#endif
