/* SPDX-License-Identifier: EUPL-1.2 */
/* The tables, as a list of migrations. user_version counts those that were applied. */
#ifndef CC_STORE_SCHEMA_H
#define CC_STORE_SCHEMA_H

#include "store/db.h"

/* The version that this program writes. */
int64_t schema_newest(void);
/* The version from which on the rows of notices and sim_pins carry tags. */
int64_t schema_more_tags(void);
/* The version from which on there is a table of the master keys before. */
int64_t schema_old_keys(void);
/* The version from which on the audit trail has addresses. */
int64_t schema_audit_ip(void);
/* Marks of a database of this program, up to that version. */
struct db_identity schema_identity(void);
/* Brings the database from its version to the newest, each step in its own transaction. */
enum cc_err schema_migrate(struct db *db) CC_MUST_CHECK;
/* Likewise to an older version, so that the upgrade of such a database can be tested. */
enum cc_err schema_migrate_to(struct db *db, int64_t wanted) CC_MUST_CHECK;

#endif
