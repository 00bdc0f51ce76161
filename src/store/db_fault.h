/* SPDX-License-Identifier: EUPL-1.2 */
/* Faults that the engine meets: a full or failing disk, a held lock, a damaged file. */
#ifndef CC_STORE_DB_FAULT_H
#define CC_STORE_DB_FAULT_H

#include "store/db.h"

/*
 * Fault that the engine met last and that is not over: the next commit that writes something
 * ends it; DB_FAULT_BUSY and DB_FAULT_AWAY end with the next db_begin() that gets the lock;
 * DB_FAULT_DAMAGED lasts until the database is opened again, or its server connected to. Logged
 * when it begins and when it ends, not in between.
 */
enum db_fault {
    DB_FAULT_NONE,
    DB_FAULT_BUSY,      /* another process holds the lock */
    DB_FAULT_AWAY,      /* the server does not answer */
    DB_FAULT_REFUSED,   /* the server answers, and keeps nothing: its disk, its role, our rights */
    DB_FAULT_FULL,      /* no space on the disk */
    DB_FAULT_READ_ONLY, /* the file system or the file does not take writes */
    DB_FAULT_DISK,      /* reading or writing fails otherwise */
    DB_FAULT_MOVED,     /* its file was moved, deleted or replaced: what is kept would be lost */
    DB_FAULT_DAMAGED,   /* a page of the file is malformed */
};
enum db_fault db_fault(const struct db *db);
/* Its servers, as people are told of them: host and port, no user; "" = a file. */
const char *db_place(const struct db *db);
/*
 * From now on a lock that another process holds is an error at once, and db_begin() does not try
 * again before a short growing wait (50 ms to 1 s) is over. Before, statements wait 2 s for it.
 */
void db_fail_fast(struct db *db);
/* A wait until the next attempt, which grows from 50 ms to 1 s. */
struct db_wait {
    int64_t retry_us; /* its end */
    int64_t wait_us;  /* how long it was; each further one is twice as long */
};
void db_wait_longer(struct db_wait *wait);
/* Checks the database for at most limit_ms: a malformed page becomes the fault. */
void db_check(struct db *db, int64_t limit_ms);

#endif
