/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files of the engine share, the only ones that include sqlite3.h. */
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

/* See enum db_fault; db_fault.c alone changes it. */
struct db_trouble {
    enum db_fault fault;
    int64_t since_us;
    int64_t changes;  /* the engine's count of changes then */
    int64_t retry_us; /* db_begin() does not ask for the lock before this; 0 = it does */
    int64_t wait_us;  /* the wait that led there; it doubles */
    bool fails_fast;
};

struct db {
    struct sqlite3 *handle;
    int lock_fd; /* -1 = not locked */
    uint64_t rollbacks;
    int64_t begun_changes; /* the engine's count of changes at the last BEGIN */
    struct db_trouble trouble;
    size_t cached;
    struct db_stmt cache[DB_CACHE_SLOTS];
};

/* Takes note of an engine's result code, says it if it is news, and returns the error for it. */
enum cc_err db_fault_note(struct db *db, int rc, const char *sql);
bool db_fault_must_wait(const struct db *db);
/* The lock was got; a commit was made. */
void db_fault_begun(struct db *db);
void db_fault_committed(struct db *db);

#endif
