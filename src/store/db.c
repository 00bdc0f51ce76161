/* SPDX-License-Identifier: EUPL-1.2 */
/* Statements and transactions over an engine: the part that every engine shares. */
#include "store/engine.h"

#include "base/log.h"
#include "store/db_ahead.h"
#include "store/db_history.h"
#include "store/db_lead.h"

#include <stdlib.h>

/* ---- connections ---------------------------------------------------------------------------- */

typedef enum cc_err (*open_fn)(struct db *db, const char *place, const struct db_identity *ours);

static enum cc_err open_with(const struct store_engine *engine, open_fn open, const char *place,
                             const struct db_identity *ours, struct db **ret)
{
    struct db *db = calloc(1, engine->size);
    if (db == NULL)
        return CC_ERR_MEMORY;
    db->engine = engine;
    db->rollbacks = 1;
    enum cc_err err = open(db, place, ours);
    if (err != CC_OK) {
        db_close(db);
        return err;
    }
    *ret = db;
    return CC_OK;
}

enum cc_err db_open(const struct store_engine *engine, const char *place,
                    const struct db_identity *ours, struct db **ret)
{
    return open_with(engine, engine->open, place, ours, ret);
}

enum cc_err db_open_to_read(const struct store_engine *engine, const char *place,
                            const struct db_identity *ours, struct db **ret)
{
    return open_with(engine, engine->open_to_read, place, ours, ret);
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < DB_CACHE_SLOTS; i++)
        if (db->cache[i].sql != NULL)
            db->engine->statements->finalize(db->cache[i].handle);
    db->engine->close(db);
    free(db);
}

enum cc_err db_lock(struct db *db, const char *box)
{
    return db->engine->lock(db, box);
}

enum cc_err db_empty_log(struct db *db)
{
    return db->engine->empty_log != NULL ? db->engine->empty_log(db) : CC_OK;
}

void db_bound_log(struct db *db, int pages)
{
    if (db->engine->bound_log != NULL)
        db->engine->bound_log(db, pages);
}

void db_bound_cache(struct db *db, int kib)
{
    if (db->engine->bound_cache != NULL)
        db->engine->bound_cache(db, kib);
}

enum cc_err db_check_whole(struct db *db)
{
    return db->engine->check_whole != NULL ? db->engine->check_whole(db) : CC_OK;
}

void db_check(struct db *db, int64_t limit_ms)
{
    if (db->engine->check != NULL)
        db->engine->check(db, limit_ms);
}

/* ---- statements ----------------------------------------------------------------------------- */

static bool prepare_statement(struct db *db, struct db_stmt *st, const char *sql)
{
    if (db->cached >= DB_CACHE_SLOTS / 2) {
        log_error("base de datos: demasiadas consultas distintas");
        return false;
    }
    const struct engine_statements *ops = db->engine->statements;
    void *handle = NULL;
    if (ops->prepare(db, sql, &handle) != CC_OK)
        return false;
    *st = (struct db_stmt){.sql = sql, .db = db, .ops = ops, .handle = handle};
    db->cached++;
    return true;
}

struct db_stmt *db_query(struct db *db, const char *sql)
{
    size_t slot = (size_t)(((uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
    slot &= DB_CACHE_SLOTS - 1;
    while (db->cache[slot].sql && db->cache[slot].sql != sql)
        slot = (slot + 1) & (DB_CACHE_SLOTS - 1);
    struct db_stmt *st = &db->cache[slot];
    if (!st->sql && !prepare_statement(db, st, sql))
        return NULL;
    if (st->ops->is_in_use(st->handle)) {
        log_error("base de datos: consulta usada dentro de sí misma: %s", sql);
        return NULL;
    }
    st->result = CC_OK;
    st->done = false;
    return st;
}

/* The statement has this result, and is ready for its next use. */
static void settle_statement(struct db_stmt *st, enum cc_err result)
{
    st->ops->reset(st->handle);
    st->result = result;
    st->done = true;
}

static void note_bind(struct db_stmt *st, enum cc_err err)
{
    if (err != CC_OK)
        settle_statement(st, err);
}

/* A statement that failed keeps no pointer to what is bound after that. */
static bool can_bind(const struct db_stmt *st)
{
    return st != NULL && !st->done;
}

void db_bind_int(struct db_stmt *st, int index, int64_t value)
{
    if (can_bind(st))
        note_bind(st, st->ops->bind_int(st, index, value));
}

void db_bind_text(struct db_stmt *st, int index, const char *text)
{
    if (can_bind(st))
        note_bind(st, st->ops->bind_text(st, index, text));
}

void db_bind_blob(struct db_stmt *st, int index, const void *bytes, size_t len)
{
    if (can_bind(st))
        note_bind(st, st->ops->bind_blob(st, index, bytes, len));
}

static void bind_value(struct db_stmt *st, int index, const struct db_value *value)
{
    if (value->kind == DB_INT)
        db_bind_int(st, index, value->number);
    else if (value->kind == DB_TEXT)
        db_bind_text(st, index, value->bytes);
    else if (value->kind == DB_BLOB) /* without bytes, a blob would be NULL */
        db_bind_blob(st, index, value->len > 0 ? value->bytes : "", value->len);
    else if (can_bind(st))
        note_bind(st, value->kind == DB_NULL ? st->ops->bind_null(st, index) : CC_ERR_NO_SPACE);
}

void db_bind_values(struct db_stmt *st, int first, const struct db_value *values, int count)
{
    for (int i = 0; i < count; i++)
        bind_value(st, first + i, &values[i]);
}

bool db_step(struct db_stmt *st)
{
    bool is_row = false;
    if (st == NULL || st->done)
        return false;
    enum cc_err err = st->ops->step(st, &is_row);
    if (err == CC_OK && is_row)
        return true;
    settle_statement(st, err);
    return false;
}

enum cc_err db_finish(struct db_stmt *st)
{
    if (!st)
        return CC_ERR_DB;
    if (!st->done)
        settle_statement(st, CC_OK);
    return st->result;
}

enum cc_err db_finish_with(struct db_stmt *st, enum cc_err err)
{
    enum cc_err end = db_finish(st);
    return end == CC_OK ? err : end;
}

enum cc_err db_run(struct db_stmt *st)
{
    while (db_step(st))
        ;
    return db_finish(st);
}

static bool can_wait(const struct db_stmt *st)
{
    return can_bind(st) && st->ops->run_later != NULL && db_in_transaction(st->db);
}

enum cc_err db_run_later(struct db_stmt *st)
{
    if (!can_wait(st))
        return db_run(st);
    settle_statement(st, st->ops->run_later(st, false));
    return st->result;
}

enum cc_err db_run_one_later(struct db_stmt *st)
{
    if (!can_wait(st))
        return db_run_one(st);
    settle_statement(st, st->ops->run_later(st, true));
    return st->result;
}

enum cc_err db_run_one(struct db_stmt *st)
{
    enum cc_err err = db_run(st);
    if (err == CC_OK && db_changes(st->db) == 0)
        return CC_ERR_NOT_FOUND;
    return err;
}

enum cc_err db_run_count(struct db_stmt *st, int64_t *ret)
{
    enum cc_err err = db_run(st);
    if (err == CC_OK)
        *ret = db_changes(st->db);
    return err;
}

enum cc_err db_run_int(struct db_stmt *st, int64_t *ret)
{
    bool found = db_step(st);
    int64_t value = found ? db_column_int(st, 0) : 0;
    enum cc_err err = db_run(st);
    if (err != CC_OK)
        return err;
    if (!found && !st->db->is_asking)
        return CC_ERR_NOT_FOUND;
    *ret = value;
    return CC_OK;
}

int64_t db_column_int(struct db_stmt *st, int column)
{
    return st->ops->column_int(st->handle, column);
}

void db_column_read(struct db_stmt *st, int column, struct db_value *ret)
{
    st->ops->column_read(st->handle, column, ret);
}

enum db_kind db_column_kind(struct db_stmt *st, int column)
{
    struct db_value read;
    db_column_read(st, column, &read);
    return read.kind;
}

bool db_column_is_null(struct db_stmt *st, int column)
{
    return db_column_kind(st, column) == DB_NULL;
}

int db_column_count(struct db_stmt *st)
{
    return st->ops->column_count(st->handle);
}

const char *db_column_text(struct db_stmt *st, int column)
{
    const char *text = st->ops->column_text(st->handle, column);
    return text != NULL ? text : "";
}

const void *db_column_blob(struct db_stmt *st, int column, size_t *ret_len)
{
    return st->ops->column_blob(st->handle, column, ret_len);
}

int64_t db_changes(struct db *db)
{
    return db->engine->changes(db);
}

enum cc_err db_exec(struct db *db, const char *sql)
{
    return db->engine->exec(db, sql);
}

/* ---- transactions --------------------------------------------------------------------------- */

enum cc_err db_begin(struct db *db)
{
    if (db_fault_must_wait(db))
        return CC_ERR_DB_BUSY;
    if (db->has_lost)
        return CC_ERR_DB;
    enum cc_err err = db_run(db_query(db, db->engine->begin));
    if (err == CC_OK) {
        if (db->engine->sharing != NULL)
            db->rollbacks++; /* another box may have written since */
        db->transactions++;
        db->begun_changes = db->engine->total_changes(db);
        db_fault_begun(db);
    }
    return err;
}

enum cc_err db_begin_snapshot(struct db *db)
{
    return db_exec(db, db->engine->begin_snapshot);
}

bool db_has_changed(const struct db *db)
{
    return db->engine->total_changes(db) != db->begun_changes;
}

enum cc_err db_commit(struct db *db)
{
    enum cc_err err = db_run(db_query(db, "COMMIT"));
    if (err == CC_OK)
        db_fault_committed(db);
    return err;
}

bool db_is_shared(const struct db *db)
{
    return db->engine->sharing != NULL;
}

enum cc_err db_take_lead(struct db *db)
{
    const struct engine_sharing *sharing = db->engine->sharing;
    return sharing != NULL && sharing->take_lead != NULL ? sharing->take_lead(db) : CC_OK;
}

enum cc_err db_check_alone(struct db *db)
{
    const struct engine_sharing *sharing = db->engine->sharing;
    return sharing != NULL && sharing->check_alone != NULL ? sharing->check_alone(db) : CC_OK;
}

bool db_ask_ahead(struct db *db, bool asks)
{
    const struct engine_sharing *sharing = db->engine->sharing;
    db->is_asking = sharing != NULL && sharing->can_ask_ahead && asks && db_in_transaction(db);
    return db->is_asking;
}

bool db_leads(const struct db *db)
{
    const struct engine_sharing *sharing = db->engine->sharing;
    return sharing == NULL || sharing->leads == NULL || sharing->leads(db);
}

bool db_in_transaction(const struct db *db)
{
    return db->engine->is_in_transaction(db);
}

/* After some errors (disk full) the engine has rolled back by itself already, and counted it. */
void db_rollback(struct db *db)
{
    db->has_lost = false;
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
    return db_run_later(db_query(db, "SAVEPOINT nest"));
}

enum cc_err db_release(struct db *db)
{
    return db_run_later(db_query(db, "RELEASE nest"));
}

void db_rollback_to_savepoint(struct db *db)
{
    db->rollbacks++;
    if (!db_in_transaction(db))
        return;
    if (db_run(db_query(db, "ROLLBACK TO nest")) != CC_OK || db_release(db) != CC_OK)
        log_error("base de datos: no se pudo deshacer una petición");
}

uint64_t db_rollbacks(const struct db *db)
{
    return db->rollbacks;
}

uint64_t db_transactions(const struct db *db)
{
    return db->transactions;
}

struct db_history db_history(const struct db *db)
{
    return (struct db_history){.rollbacks = db->rollbacks,
                               .transactions = db->transactions,
                               .fails_fast = db->trouble.fails_fast};
}

void db_succeed(struct db *db, const struct db_history *before)
{
    db->rollbacks = before->rollbacks + 1;
    db->transactions = before->transactions + 1;
    if (before->fails_fast)
        db_fail_fast(db);
}

int64_t db_user_version(struct db *db)
{
    int64_t version = 0;
    return db->engine->version(db, &version) == CC_OK ? version : 0;
}

enum cc_err db_set_user_version(struct db *db, int64_t version)
{
    return db->engine->set_version(db, version);
}
