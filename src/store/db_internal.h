/* SPDX-License-Identifier: EUPL-1.2 */
/* What db.c and db_open.c share, the only files that include sqlite3.h. */
#ifndef CC_STORE_DB_INTERNAL_H
#define CC_STORE_DB_INTERNAL_H

#include "store/db.h"

struct sqlite3;
struct sqlite3_stmt;

/* A power of two, well over the number of SQL texts in the room. */
enum { DB_CACHE_SLOTS = 256 };

struct db_stmt {
    const char *sql; /* the literal's address is the key; NULL = slot is free */
    struct sqlite3_stmt *handle;
    struct db *db;
    enum cc_err result;
    bool done;
};

struct db {
    struct sqlite3 *handle;
    int lock_fd; /* -1 = not locked */
    uint64_t rollbacks;
    bool is_failing;        /* see db_is_failing() */
    int64_t failed_changes; /* the engine's count of changes then */
    size_t cached;
    struct db_stmt cache[DB_CACHE_SLOTS];
};

#endif
