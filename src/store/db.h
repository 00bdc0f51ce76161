/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The engine behind the store (DESIGN 7): open, prepare, bind, step, column, transaction. SQL text
 * is the subset that SQLite >= 3.40 and PostgreSQL >= 15 both take, with $1 $2 in order; only files
 * of store/ call this. Errors are logged here, once, with the engine's words; never with bound
 * values.
 */
#ifndef CC_STORE_DB_H
#define CC_STORE_DB_H

#include "base/err.h"
#include "store/db_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_stmt;
struct store_engine; /* store/engine.h */

/* Marks by which a database of this program is known. */
struct db_identity {
    int64_t application_id;
    int64_t newest_version; /* the newest version of the schema that this program knows */
};

/* Opens the database at `place` (a file, or what else the engine takes), or makes it. It must be
 * empty or carry our application_id, at a version up to newest_version; otherwise it is left as it
 * is. Errors: CC_ERR_IO (folder missing, no permission), CC_ERR_DB, CC_ERR_DB_NOT_OURS,
 * CC_ERR_DB_NEWER. */
enum cc_err db_open(const struct store_engine *engine, const char *place,
                    const struct db_identity *ours, struct db **ret) CC_MUST_CHECK;
/* Opens a database for reading only: nothing is written, not even the modes of its files. */
enum cc_err db_open_to_read(const struct store_engine *engine, const char *place,
                            const struct db_identity *ours, struct db **ret) CC_MUST_CHECK;
void db_close(struct db *db);
/*
 * Until db_close() no other daemon may use this database: it would take our messages in flight for
 * those of a crash. Readers and backups may. In a shared database no other daemon of this box's
 * name may, and without a name nothing is kept from anybody. Errors: CC_ERR_DB_IN_USE, CC_ERR_IO.
 */
enum cc_err db_lock(struct db *db, const char *box) CC_MUST_CHECK;
/* Moves the write-ahead log into the database and cuts it to nothing, so that no wiped byte stays
 * in it. Not inside a transaction. Time: one write of each page that changed since the last time.
 * Errors: CC_ERR_DB_BUSY while another process reads; nothing is noted then. */
enum cc_err db_empty_log(struct db *db) CC_MUST_CHECK;
/* For work that writes much: the log is moved into the database each time that it holds `pages`,
 * which takes as long; 0 = as it was opened. */
void db_bound_log(struct db *db, int pages);
/* Pages that were read are kept in memory, so many at most. */
void db_bound_cache(struct db *db, int kib);
/* Reads all of it, indexes too. Errors: CC_ERR_DB_DAMAGED, CC_ERR_DB. */
enum cc_err db_check_whole(struct db *db) CC_MUST_CHECK;

/*
 * The statement for this text, prepared once per connection and kept: pass a string literal, its
 * address is the key. Ready to bind. NULL on error (logged), which the functions below take for a
 * statement that failed: callers check the result once, at the end.
 */
struct db_stmt *db_query(struct db *db, const char *sql);
void db_bind_int(struct db_stmt *st, int index, int64_t value);
/* The bytes must live until the statement is stepped for the last time. */
void db_bind_text(struct db_stmt *st, int index, const char *text);
void db_bind_blob(struct db_stmt *st, int index, const void *bytes, size_t len);
/* Several values, from the parameter `first` on: db_int(), db_text(), db_blob(), db_null(). Their
 * bytes must live as long; those of a text end in NUL. */
#define DB_BIND(st, first, ...)                                                                    \
    db_bind_values(                                                                                \
        (st), (first), (const struct db_value[]){__VA_ARGS__},                                     \
        (int)(sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)))
void db_bind_values(struct db_stmt *st, int first, const struct db_value *values, int count);
/* Steps to the next row: true while there is a row. At the end or on an error the statement is
 * reset. */
bool db_step(struct db_stmt *st);
/* After db_step() said false, or to stop a SELECT before its end: CC_OK or CC_ERR_DB,
 * CC_ERR_DB_BUSY, CC_ERR_DB_DAMAGED. A violated UNIQUE or PRIMARY KEY comes as
 * CC_ERR_ALREADY_REGISTERED. */
enum cc_err db_finish(struct db_stmt *st) CC_MUST_CHECK;
/* The same, and where that is CC_OK what became of the rows. */
enum cc_err db_finish_with(struct db_stmt *st, enum cc_err err) CC_MUST_CHECK;
/* Steps to the end, ignoring rows: for INSERT, UPDATE, DELETE. */
enum cc_err db_run(struct db_stmt *st) CC_MUST_CHECK;
/* The same for an UPDATE or DELETE of one row: CC_ERR_NOT_FOUND when it changed none. */
enum cc_err db_run_one(struct db_stmt *st) CC_MUST_CHECK;
/* The same of many rows: how many it changed. */
enum cc_err db_run_count(struct db_stmt *st, int64_t *ret) CC_MUST_CHECK;
/* The same for a count or RETURNING id: the first column of the one row, or CC_ERR_NOT_FOUND. */
enum cc_err db_run_int(struct db_stmt *st, int64_t *ret) CC_MUST_CHECK;
int64_t db_column_int(struct db_stmt *st, int column);
bool db_column_is_null(struct db_stmt *st, int column);
enum db_kind db_column_kind(struct db_stmt *st, int column);
/* All of a column at once. */
void db_column_read(struct db_stmt *st, int column, struct db_value *ret);
int db_column_count(struct db_stmt *st);
/* Valid until the next step. Never NULL for db_column_text. A text's bytes come as a blob too. */
const char *db_column_text(struct db_stmt *st, int column);
const void *db_column_blob(struct db_stmt *st, int column, size_t *ret_len);
/* Rows the last statement changed. */
int64_t db_changes(struct db *db);

/* Several statements without parameters, as migrations are. */
enum cc_err db_exec(struct db *db, const char *sql) CC_MUST_CHECK;
/* The same for a text of the schema: words in braces are replaced by the engine's own. */
enum cc_err db_exec_schema(struct db *db, const char *sql) CC_MUST_CHECK;
/* Takes the write lock, which keeps other boxes out too: what is then counted is still so when the
 * count is written. Errors: CC_ERR_DB_BUSY (see db_fail_fast()), CC_ERR_DB. */
enum cc_err db_begin(struct db *db) CC_MUST_CHECK;
/* A transaction that only reads, all of it from one snapshot, and keeps no writer out. */
enum cc_err db_begin_snapshot(struct db *db) CC_MUST_CHECK;
enum cc_err db_commit(struct db *db) CC_MUST_CHECK;
/*
 * Of a transaction that ended with its connection to a server, the one who began it learns by this
 * call or a failed db_commit(): until db_rollback(), every statement and db_begin() fail, so that
 * nothing is written without the rest.
 */
void db_rollback(struct db *db);
/* Makes durable what was written so far: commits the open transaction, if there is one, and begins
 * the next. Not inside a savepoint. */
enum cc_err db_commit_now(struct db *db) CC_MUST_CHECK;
/* A nest of one level inside the transaction, so that one failing request does not spoil the batch.
 */
enum cc_err db_savepoint(struct db *db) CC_MUST_CHECK;
enum cc_err db_release(struct db *db) CC_MUST_CHECK;
bool db_in_transaction(const struct db *db);
/* Whether other boxes may write to this database at the same time. */
bool db_is_shared(const struct db *db);
/* Whether a row was changed since the last db_begin(): a commit without one costs nothing. */
bool db_has_changed(const struct db *db);
/* Undoes the nest and ends it. */
void db_rollback_to_savepoint(struct db *db);
/*
 * Grows with each rollback, whole or to a savepoint, asked for or not, and in a shared database
 * with each db_begin(). The owner of a copy of something written compares it to know whether the
 * copy still holds. Starts at 1.
 */
uint64_t db_rollbacks(const struct db *db);
/* Counts the transactions that db_begin() has begun. */
uint64_t db_transactions(const struct db *db);
int64_t db_user_version(struct db *db);
enum cc_err db_set_user_version(struct db *db, int64_t version) CC_MUST_CHECK;

#endif
