/* SPDX-License-Identifier: EUPL-1.2 */
/* The tables, as a list of migrations. user_version counts those that were applied. */
#ifndef CC_STORE_SCHEMA_H
#define CC_STORE_SCHEMA_H

#include "store/db.h"

/* The version that this program writes. */
int64_t schema_newest(void);
/* Versions from which on rows of notices and sim_pins carry tags, the master keys before have a
 * table, and the audit trail has addresses. */
enum { SCHEMA_MORE_TAGS = 15, SCHEMA_OLD_KEYS = 36, SCHEMA_AUDIT_IP = 38 };
/* Marks of a database of this program, up to that version. */
struct db_identity schema_identity(void);
/* Brings the database from its version to the newest, each step in its own transaction. */
enum cc_err schema_migrate(struct db *db) CC_MUST_CHECK;
/* Likewise to an older version, so that the upgrade of such a database can be tested. */
enum cc_err schema_migrate_to(struct db *db, int64_t wanted) CC_MUST_CHECK;

#endif
