/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/db_internal.h"

#include "base/log.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static enum cc_err engine_error(struct db *db, int rc, const char *sql)
{
    if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
        rc == SQLITE_CONSTRAINT_ROWID)
        return CC_ERR_ALREADY_REGISTERED; /* an answer, not a fault: not logged */
    return db_fault_note(db, rc, sql);
}

/* SQLite numbers $names by first appearance, PostgreSQL by their digits: hold them to be the same.
 */
static bool parameters_in_order(sqlite3_stmt *handle)
{
    int count = sqlite3_bind_parameter_count(handle);
    for (int i = 1; i <= count; ++i) {
        char expected[16];
        (void)snprintf(expected, sizeof expected, "$%d", i);
        const char *name = sqlite3_bind_parameter_name(handle, i);
        if (!name || strcmp(name, expected) != 0)
            return false;
    }
    return true;
}

static bool prepare(struct db *db, struct db_stmt *st, const char *sql)
{
    if (db->cached >= DB_CACHE_SLOTS / 2) {
        log_error("base de datos: demasiadas consultas distintas");
        return false;
    }
    sqlite3_stmt *handle = NULL;
    int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (rc != SQLITE_OK) {
        (void)engine_error(db, rc, sql);
        return false;
    }
    if (!parameters_in_order(handle)) {
        log_error("base de datos: parámetros fuera de orden en: %s", sql);
        (void)sqlite3_finalize(handle);
        return false;
    }
    *st = (struct db_stmt){.sql = sql, .handle = handle, .db = db};
    ++db->cached;
    return true;
}

struct db_stmt *db_query(struct db *db, const char *sql)
{
    size_t slot = (size_t)(((uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
    slot &= DB_CACHE_SLOTS - 1;
    while (db->cache[slot].sql && db->cache[slot].sql != sql)
        slot = (slot + 1) & (DB_CACHE_SLOTS - 1);
    struct db_stmt *st = &db->cache[slot];
    if (!st->sql && !prepare(db, st, sql))
        return NULL;
    if (sqlite3_stmt_busy(st->handle)) {
        log_error("base de datos: consulta usada dentro de sí misma: %s", sql);
        return NULL;
    }
    st->result = CC_OK;
    st->done = false;
    return st;
}

/* Ready for the next use; bindings point into the caller's memory, so none is kept. */
static void settle(struct db_stmt *st, enum cc_err result)
{
    (void)sqlite3_reset(st->handle);
    (void)sqlite3_clear_bindings(st->handle);
    st->result = result;
    st->done = true;
}

static void bound(struct db_stmt *st, int rc)
{
    if (rc != SQLITE_OK)
        settle(st, engine_error(st->db, rc, st->sql));
}

void db_bind_int(struct db_stmt *st, int index, int64_t value)
{
    if (st)
        bound(st, sqlite3_bind_int64(st->handle, index, value));
}

void db_bind_text(struct db_stmt *st, int index, const char *text)
{
    if (st)
        bound(st, sqlite3_bind_text(st->handle, index, text, -1, SQLITE_STATIC));
}

void db_bind_blob(struct db_stmt *st, int index, const void *bytes, size_t len)
{
    if (st)
        bound(st, sqlite3_bind_blob64(st->handle, index, bytes, len, SQLITE_STATIC));
}

void db_bind_null(struct db_stmt *st, int index)
{
    if (st)
        bound(st, sqlite3_bind_null(st->handle, index));
}

bool db_step(struct db_stmt *st)
{
    if (!st || st->done)
        return false;
    int rc = sqlite3_step(st->handle);
    if (rc == SQLITE_ROW)
        return true;
    settle(st, rc == SQLITE_DONE ? CC_OK : engine_error(st->db, rc, st->sql));
    return false;
}

enum cc_err db_finish(struct db_stmt *st)
{
    if (!st)
        return CC_ERR_DB;
    if (!st->done)
        settle(st, CC_OK);
    return st->result;
}

enum cc_err db_run(struct db_stmt *st)
{
    while (db_step(st))
        ;
    return db_finish(st);
}

enum cc_err db_run_one(struct db_stmt *st)
{
    enum cc_err err = db_run(st);
    if (err == CC_OK && db_changes(st->db) == 0)
        return CC_ERR_NOT_FOUND;
    return err;
}

enum cc_err db_run_int(struct db_stmt *st, int64_t *ret)
{
    bool found = db_step(st);
    int64_t value = found ? db_column_int(st, 0) : 0;
    enum cc_err err = db_run(st);
    if (err != CC_OK)
        return err;
    if (!found)
        return CC_ERR_NOT_FOUND;
    *ret = value;
    return CC_OK;
}

int64_t db_column_int(struct db_stmt *st, int column)
{
    return sqlite3_column_int64(st->handle, column);
}

bool db_column_is_null(struct db_stmt *st, int column)
{
    return sqlite3_column_type(st->handle, column) == SQLITE_NULL;
}

enum db_kind db_column_kind(struct db_stmt *st, int column)
{
    switch (sqlite3_column_type(st->handle, column)) {
    case SQLITE_NULL:
        return DB_NULL;
    case SQLITE_INTEGER:
        return DB_INT;
    case SQLITE_TEXT:
        return DB_TEXT;
    case SQLITE_BLOB:
        return DB_BLOB;
    default:
        return DB_OTHER;
    }
}

int db_column_count(struct db_stmt *st)
{
    return sqlite3_column_count(st->handle);
}

const char *db_column_text(struct db_stmt *st, int column)
{
    const unsigned char *text = sqlite3_column_text(st->handle, column);
    return text ? (const char *)text : "";
}

const void *db_column_blob(struct db_stmt *st, int column, size_t *ret_len)
{
    const void *bytes = sqlite3_column_blob(st->handle, column);
    *ret_len = (size_t)sqlite3_column_bytes(st->handle, column);
    return bytes;
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->handle);
}

enum cc_err db_exec(struct db *db, const char *sql)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? CC_OK : engine_error(db, rc, sql);
}

/* IMMEDIATE: the lock is taken where waiting for it can still be answered with an error. */
enum cc_err db_begin(struct db *db)
{
    if (db_fault_must_wait(db))
        return CC_ERR_DB_BUSY;
    enum cc_err err = db_run(db_query(db, "BEGIN IMMEDIATE"));
    if (err == CC_OK) {
        db->begun_changes = sqlite3_total_changes64(db->handle);
        db_fault_begun(db);
    }
    return err;
}

bool db_has_changed(const struct db *db)
{
    return sqlite3_total_changes64(db->handle) != db->begun_changes;
}

enum cc_err db_commit(struct db *db)
{
    enum cc_err err = db_run(db_query(db, "COMMIT"));
    if (err == CC_OK)
        db_fault_committed(db);
    return err;
}

bool db_in_transaction(const struct db *db)
{
    return sqlite3_get_autocommit(db->handle) == 0;
}

/* After some errors (disk full) the engine has rolled back already. The hook counts it. */
void db_rollback(struct db *db)
{
    if (db_in_transaction(db) && db_run(db_query(db, "ROLLBACK")) != CC_OK)
        log_error("base de datos: no se pudo deshacer la transacción");
}

enum cc_err db_commit_now(struct db *db)
{
    if (!db_in_transaction(db))
        return CC_OK; /* each statement was its own, durable one */
    enum cc_err err = db_commit(db);
    return err == CC_OK ? db_begin(db) : err;
}

enum cc_err db_savepoint(struct db *db)
{
    return db_run(db_query(db, "SAVEPOINT nest"));
}

enum cc_err db_release(struct db *db)
{
    return db_run(db_query(db, "RELEASE nest"));
}

void db_rollback_to_savepoint(struct db *db)
{
    ++db->rollbacks;
    if (!db_in_transaction(db))
        return;
    if (db_run(db_query(db, "ROLLBACK TO nest")) != CC_OK || db_release(db) != CC_OK)
        log_error("base de datos: no se pudo deshacer una petición");
}

uint64_t db_rollbacks(const struct db *db)
{
    return db->rollbacks;
}

int64_t db_user_version(struct db *db)
{
    int64_t version = 0;
    return db_run_int(db_query(db, "PRAGMA user_version"), &version) == CC_OK ? version : 0;
}

enum cc_err db_set_user_version(struct db *db, int64_t version)
{
    char sql[64]; /* a pragma takes no parameters */
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %" PRId64, version);
    return db_exec(db, sql);
}
