/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The copy of a database as an older program left it, made before it is brought up to date: the way
 * back to that program, which refuses a newer database. It stays beside the database, as
 * NAME.version-N, as readable as that; a change of the master key removes it (store/rotation.h).
 */
#ifndef CC_STORE_UPGRADE_H
#define CC_STORE_UPGRADE_H

#include "store/db.h"

#include <stdint.h>

/* Copies an opened database that is older than this program; nothing for one that is new, or of
 * now. Errors: CC_ERR_IO, CC_ERR_DB_DAMAGED, CC_ERR_NO_SPACE; told: without the copy it stays as
 * it is. */
enum cc_err upgrade_copy(struct db *db, const struct store_engine *engine,
                         const char *db_path) CC_MUST_CHECK;
/* Removes such copies of more than 30 days: what was destroyed since is still in them. */
void upgrade_forget_copies(const char *db_path, int64_t now_ms);

#endif
