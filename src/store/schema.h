/* SPDX-License-Identifier: EUPL-1.2 */
/* The tables, as a list of migrations. user_version counts those that were applied. */
#ifndef CC_STORE_SCHEMA_H
#define CC_STORE_SCHEMA_H

#include "store/db.h"

enum { SCHEMA_APPLICATION_ID = 0x43434C56 }; /* "CCLV", in the header of the file */

/* The version that this program writes. */
int64_t schema_newest(void);
/* Brings the database from its version to the newest, each step in its own transaction. */
enum cc_err schema_migrate(struct db *db) CC_MUST_CHECK;

#endif
