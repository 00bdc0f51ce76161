/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/sqlite/engine.h"

#include "store/sqlite/private.h"

#include <inttypes.h>
#include <stdio.h>

/* STRICT holds a column to its type. INTEGER PRIMARY KEY is the table's own number. */
static const struct engine_word dialect[] = {
    {"int", "INTEGER"},
    {"bytes", "BLOB"},
    {"id", "INTEGER PRIMARY KEY AUTOINCREMENT"},
    {"row", "INTEGER PRIMARY KEY"},
    {"table", " STRICT"},
    {"keyed", " STRICT, WITHOUT ROWID"},
    {NULL, NULL},
};

static void engine_fail_fast(struct db *db)
{
    (void)sqlite3_busy_timeout(sqlite_handle(db), 0);
}

static enum cc_err engine_exec(struct db *db, const char *sql)
{
    int rc = sqlite3_exec(sqlite_handle(db), sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? CC_OK : sqlite_note(db, rc, sql);
}

static void engine_bound_log(struct db *db, int pages)
{
    (void)sqlite3_wal_autocheckpoint(sqlite_handle(db), pages > 0 ? pages : SQLITE_LOG_PAGES);
}

static void engine_bound_cache(struct db *db, int kib)
{
    char sql[48];
    (void)snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%d", kib);
    (void)sqlite3_exec(sqlite_handle(db), sql, NULL, NULL, NULL);
}

static bool engine_is_in_transaction(const struct db *db)
{
    return sqlite3_get_autocommit(sqlite_handle(db)) == 0;
}

static int64_t engine_changes(const struct db *db)
{
    return sqlite3_changes64(sqlite_handle(db));
}

static int64_t engine_total_changes(const struct db *db)
{
    return sqlite3_total_changes64(sqlite_handle(db));
}

static enum cc_err engine_version(struct db *db, int64_t *ret)
{
    return db_run_int(db_query(db, "PRAGMA user_version"), ret);
}

static enum cc_err engine_set_version(struct db *db, int64_t version)
{
    char sql[128]; /* a pragma takes no parameters */
    (void)snprintf(sql, sizeof(sql),
                   "PRAGMA application_id = %" PRId64 "; PRAGMA user_version = %" PRId64,
                   ((const struct sqlite_db *)db)->application_id, version);
    return engine_exec(db, sql);
}

static const struct engine_files files = {
    .lock_file = sqlite_lock_file,
    .backup = sqlite_backup,
    .move_log = sqlite_move_log,
};

const struct store_engine sqlite_engine = {
    .name = "sqlite",
    .size = sizeof(struct sqlite_db),
    /* IMMEDIATE takes the lock where waiting for it can still be answered with an error. */
    .begin = "BEGIN IMMEDIATE",
    .begin_snapshot = "BEGIN",
    .dialect = dialect,
    .open = sqlite_open,
    .open_to_read = sqlite_open_to_read,
    .close = sqlite_close,
    .fail_fast = engine_fail_fast,
    .exec = engine_exec,
    .is_in_transaction = engine_is_in_transaction,
    .changes = engine_changes,
    .total_changes = engine_total_changes,
    .version = engine_version,
    .set_version = engine_set_version,
    .lock = sqlite_lock,
    .empty_log = sqlite_empty_log,
    .bound_log = engine_bound_log,
    .bound_cache = engine_bound_cache,
    .check_whole = sqlite_check_whole,
    .check = sqlite_check,
    .statements = &sqlite_statements,
    .files = &files,
};
