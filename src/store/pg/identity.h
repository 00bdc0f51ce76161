/* SPDX-License-Identifier: EUPL-1.2 */
/* Content of a server before anything is written there. */
#ifndef CC_STORE_PG_IDENTITY_H
#define CC_STORE_PG_IDENTITY_H

#include "store/pg/private.h"

/* Content of the schema that tables without the name of one go to. */
struct pg_identity {
    int64_t tables;
    int64_t is_marked; /* the table that set_version() makes is there */
    int64_t application_id;
    int64_t version;
};

enum { PG_OLDEST_SERVER = 150000 };

enum cc_err pg_read_identity(struct db *db, struct pg_identity *ret);

#endif
