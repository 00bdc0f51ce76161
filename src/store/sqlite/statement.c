/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/sqlite/private.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

/* SQLite numbers $names by their first appearance, PostgreSQL by their digits: both must agree. */
static bool has_parameters_in_order(sqlite3_stmt *handle)
{
    int count = sqlite3_bind_parameter_count(handle);
    for (int i = 1; i <= count; i++) {
        char expected[16];
        (void)snprintf(expected, sizeof(expected), "$%d", i);
        const char *name = sqlite3_bind_parameter_name(handle, i);
        if (name == NULL || strcmp(name, expected) != 0)
            return false;
    }
    return true;
}

static enum cc_err statement_prepare(struct db *db, const char *sql, void **ret_handle)
{
    sqlite3_stmt *handle = NULL;
    int rc =
        sqlite3_prepare_v3(sqlite_handle(db), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (rc != SQLITE_OK)
        return sqlite_note(db, rc, sql);
    if (!has_parameters_in_order(handle)) {
        log_error("base de datos: parámetros fuera de orden en: %s", sql);
        (void)sqlite3_finalize(handle);
        return CC_ERR_DB;
    }
    *ret_handle = handle;
    return CC_OK;
}

static void statement_finalize(void *handle)
{
    (void)sqlite3_finalize(handle);
}

static bool statement_is_in_use(const void *handle)
{
    return sqlite3_stmt_busy((sqlite3_stmt *)(uintptr_t)handle) != 0;
}

/* Bindings point into the caller's memory: none is kept. */
static void statement_reset(void *handle)
{
    (void)sqlite3_reset(handle);
    (void)sqlite3_clear_bindings(handle);
}

static enum cc_err note_bind(struct db_stmt *st, int rc)
{
    return rc == SQLITE_OK ? CC_OK : sqlite_note(st->db, rc, st->sql);
}

static enum cc_err statement_bind_int(struct db_stmt *st, int index, int64_t value)
{
    return note_bind(st, sqlite3_bind_int64(st->handle, index, value));
}

static enum cc_err statement_bind_text(struct db_stmt *st, int index, const char *text)
{
    return note_bind(st, sqlite3_bind_text(st->handle, index, text, -1, SQLITE_STATIC));
}

static enum cc_err statement_bind_blob(struct db_stmt *st, int index, const void *bytes, size_t len)
{
    return note_bind(st, sqlite3_bind_blob64(st->handle, index, bytes, len, SQLITE_STATIC));
}

static enum cc_err statement_bind_null(struct db_stmt *st, int index)
{
    return note_bind(st, sqlite3_bind_null(st->handle, index));
}

static enum cc_err statement_step(struct db_stmt *st, bool *ret_row)
{
    int rc = sqlite3_step(st->handle);
    *ret_row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? CC_OK : sqlite_note(st->db, rc, st->sql);
}

static int statement_column_count(const void *handle)
{
    return sqlite3_column_count((sqlite3_stmt *)(uintptr_t)handle);
}

/* The column is looked for once. Source: sqlite.org/c3ref/column_blob.html, on values that are not
 * protected: a single thread uses SQLite. */
static void statement_column_read(void *handle, int column, struct db_value *ret)
{
    static const enum db_kind kinds[] = {
        [SQLITE_INTEGER] = DB_INT, [SQLITE_FLOAT] = DB_OTHER, [SQLITE_TEXT] = DB_TEXT,
        [SQLITE_BLOB] = DB_BLOB,   [SQLITE_NULL] = DB_NULL,
    };
    sqlite3_value *value = sqlite3_column_value(handle, column);
    *ret = (struct db_value){.kind = kinds[sqlite3_value_type(value)]};
    if (ret->kind == DB_INT) {
        ret->number = sqlite3_value_int64(value);
    } else if (ret->kind != DB_NULL) {
        ret->bytes = sqlite3_value_blob(value);
        ret->len = (size_t)sqlite3_value_bytes(value);
    }
}

static int64_t statement_column_int(void *handle, int column)
{
    return sqlite3_column_int64(handle, column);
}

static const char *statement_column_text(void *handle, int column)
{
    return (const char *)sqlite3_column_text(handle, column);
}

static const void *statement_column_blob(void *handle, int column, size_t *ret_len)
{
    const void *bytes = sqlite3_column_blob(handle, column);
    *ret_len = (size_t)sqlite3_column_bytes(handle, column);
    return bytes;
}

const struct engine_statements sqlite_statements = {
    .prepare = statement_prepare,
    .finalize = statement_finalize,
    .is_in_use = statement_is_in_use,
    .reset = statement_reset,
    .bind_int = statement_bind_int,
    .bind_text = statement_bind_text,
    .bind_blob = statement_bind_blob,
    .bind_null = statement_bind_null,
    .step = statement_step,
    .column_count = statement_column_count,
    .column_read = statement_column_read,
    .column_int = statement_column_int,
    .column_text = statement_column_text,
    .column_blob = statement_column_blob,
};
