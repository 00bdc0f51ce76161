/* SPDX-License-Identifier: EUPL-1.2 */
/* Shared by the files of the SQLite engine. */
#ifndef CC_STORE_SQLITE_PRIVATE_H
#define CC_STORE_SQLITE_PRIVATE_H

#include "store/engine.h"

#include <sqlite3.h>

enum { SQLITE_LOG_PAGES = 16000 }; /* see open.c */

struct sqlite_db {
    struct db db; /* first: struct db and this one have the same address */
    sqlite3 *handle;
    int64_t application_id; /* of our databases */
    int lock_fd;            /* -1 = not locked */
};

static inline sqlite3 *sqlite_handle(const struct db *db)
{
    return ((const struct sqlite_db *)db)->handle;
}

/* Notes a result code of SQLite that is no success; see db_fault_note(). */
enum cc_err sqlite_note(struct db *db, int rc, const char *sql);

extern const struct engine_statements sqlite_statements;

/* Before the first connection of the process; later it does nothing. */
void sqlite_install_cache(void);
/* The name of the file system that gathers what is written to a log: log.c. Behind
 * sqlite_install_cache(). */
const char *sqlite_install_log(void);
enum cc_err sqlite_open(struct db *db, const char *path, const struct db_identity *ours);
enum cc_err sqlite_open_to_read(struct db *db, const char *path, const struct db_identity *ours);
void sqlite_close(struct db *db);

enum cc_err sqlite_lock(struct db *db, const char *box);
enum cc_err sqlite_lock_file(const char *path, int *ret_fd);
enum cc_err sqlite_backup(const char *from_path, const char *to_path);
bool sqlite_move_log(const char *path, const char *aside);
enum cc_err sqlite_empty_log(struct db *db);
enum cc_err sqlite_check_whole(struct db *db);
void sqlite_check(struct db *db, int64_t limit_ms);

#endif
