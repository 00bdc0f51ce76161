/* SPDX-License-Identifier: EUPL-1.2 */
/* Prepared statements: parameters and results in PostgreSQL's binary form. */
#include "store/pg/statement.h"
#include "store/pg/pipeline.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum statement_kind kind_of(const char *sql)
{
    static const struct {
        const char *word;
        enum statement_kind kind;
    } kinds[] = {
        {"BEGIN", KIND_BEGIN},     {"COMMIT", KIND_COMMIT}, {"ROLLBACK", KIND_OTHER},
        {"SAVEPOINT", KIND_OTHER}, {"RELEASE", KIND_OTHER},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strncmp(sql, kinds[i].word, strlen(kinds[i].word)) == 0)
            return kinds[i].kind;
    return KIND_PREPARED;
}

/* The server learns of it when it is used first: only then the types of its parameters are known.
 */
static enum cc_err statement_prepare(struct db *db, const char *sql, void **ret_handle)
{
    struct pg_statement *st = calloc(1, sizeof(*st));
    if (st == NULL)
        return CC_ERR_MEMORY;
    st->pg = pg_of(db);
    st->sql = sql;
    st->kind = kind_of(sql);
    *ret_handle = st;
    return CC_OK;
}

static void statement_finalize(void *handle)
{
    struct pg_statement *st = handle;
    if (st != NULL)
        PQclear(st->result);
    free(st);
}

static bool statement_is_in_use(const void *handle)
{
    return ((const struct pg_statement *)handle)->result != NULL;
}

/* Waits for the next row; at the end st->result is the answer that has none. */
static enum cc_err receive_row(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    bool is_gone = false;
    enum cc_err err = CC_OK;
    PQclear(st->result);
    pg_give_time(pg);
    st->result = pg_receive_next(pg, &is_gone);
    if (is_gone)
        return pg_note_away(pg, PQerrorMessage(pg->conn), st->sql);
    if (PQresultStatus(st->result) == PGRES_SINGLE_TUPLE)
        return CC_OK;
    if (PQresultStatus(st->result) != PGRES_TUPLES_OK) {
        err = pg_note(pg, st->result, st->sql);
        PQclear(st->result);
        st->result = NULL;
    }
    PGresult *end = pg_receive_next(pg, &is_gone); /* NULL: the connection is free again */
    PQclear(end);
    return err;
}

/* A stream that nobody reads to its end. */
static void end_stream(struct pg_statement *st)
{
    while (st->pg->state == PG_UP && st->result != NULL &&
           PQresultStatus(st->result) == PGRES_SINGLE_TUPLE && receive_row(st) == CC_OK)
        ;
}

void pg_statement_stream(void *handle)
{
    ((struct pg_statement *)handle)->streams = true;
}

static void statement_reset(void *handle)
{
    struct pg_statement *st = handle;
    if (st->streams)
        end_stream(st);
    st->streams = false;
    PQclear(st->result);
    st->result = NULL;
    for (int i = 0; i < st->count; i++) {
        st->types[i] = OID_NONE;
        st->values[i] = NULL;
    }
    st->count = 0;
}

/* ---- parameters ----------------------------------------------------------------------------- */

static enum cc_err bind_value(struct db_stmt *stmt, int index, Oid type, const char *value,
                              size_t len)
{
    struct pg_statement *st = stmt->handle;
    if (index < 1 || index > PG_PARAMETERS || len > INT32_MAX) {
        log_error("base de datos: parámetro %d fuera de sitio en: %s", index, stmt->sql);
        return CC_ERR_DB;
    }
    st->types[index - 1] = type;
    st->values[index - 1] = value;
    st->lengths[index - 1] = (int)len;
    st->formats[index - 1] = 1; /* binary, which of a text is the same */
    if (index > st->count)
        st->count = index;
    return CC_OK;
}

static enum cc_err statement_bind_int(struct db_stmt *stmt, int index, int64_t value)
{
    struct pg_statement *st = stmt->handle;
    if (index < 1 || index > PG_PARAMETERS)
        return bind_value(stmt, index, OID_INT8, NULL, 0);
    uint8_t *bytes = st->ints[index - 1];
    for (size_t i = 0; i < PG_VALUE_SIZE; i++)
        bytes[i] = (uint8_t)((uint64_t)value >> (8 * (PG_VALUE_SIZE - 1 - i)));
    return bind_value(stmt, index, OID_INT8, (const char *)bytes, PG_VALUE_SIZE);
}

static enum cc_err statement_bind_text(struct db_stmt *stmt, int index, const char *text)
{
    return bind_value(stmt, index, OID_TEXT, text, text != NULL ? strlen(text) : 0);
}

static enum cc_err statement_bind_blob(struct db_stmt *stmt, int index, const void *bytes,
                                       size_t len)
{
    /* no bytes are an empty value, as long as there is a place for them */
    return bind_value(stmt, index, OID_BYTEA, bytes, len);
}

static enum cc_err statement_bind_null(struct db_stmt *stmt, int index)
{
    return bind_value(stmt, index, OID_NONE, NULL, 0);
}

/* ---- running -------------------------------------------------------------------------------- */

/* A transaction that is lost by an error of its own was told of already. */
static enum cc_err note_not_ready(const struct pg_statement *st)
{
    return st->pg->state == PG_UP
               ? CC_ERR_DB
               : db_fault_note(&st->pg->db, DB_FAULT_AWAY, "sin conexión", "libpq", st->sql);
}

/* A NULL tells no type: what was prepared for one may have to be prepared again for a value. */
static bool fits_prepared(const struct pg_statement *st)
{
    if (st->generation != st->pg->generation)
        return false;
    for (int i = 0; i < st->count; i++)
        if (st->types[i] != OID_NONE && st->types[i] != st->prepared[i])
            return false;
    return true;
}

static int send_preparation(struct pg_statement *st)
{
    (void)snprintf(st->name, sizeof(st->name), "s%llu", (unsigned long long)++st->pg->names);
    return PQsendPrepare(st->pg->conn, st->name, st->sql, st->count, st->types);
}

static void note_prepared(struct pg_statement *st)
{
    st->generation = st->pg->generation;
    memcpy(st->prepared, st->types, sizeof(st->prepared));
}

static int send_statement(struct pg_statement *st)
{
    PGconn *conn = st->pg->conn;
    return st->kind == KIND_PREPARED
               ? PQsendQueryPrepared(conn, st->name, st->count, st->values, st->lengths,
                                     st->formats, 1)
               : PQsendQueryParams(conn, st->sql, 0, NULL, NULL, NULL, NULL, 1);
}

static enum cc_err queue_preparation(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    enum cc_err err = pg_pipeline_enter(pg, st->sql);
    if (err != CC_OK || st->kind != KIND_PREPARED || fits_prepared(st))
        return err;
    if (send_preparation(st) == 0)
        return pg_note_away(pg, PQerrorMessage(pg->conn), st->sql);
    note_prepared(st);
    pg_pipeline_note(pg, &(struct pg_item){.sql = st->sql, .prepared_in = &st->generation});
    return CC_OK;
}

/* Puts it into the connection, to be sent with others. */
static enum cc_err queue_statement(struct pg_statement *st, enum pg_wants wants, size_t ahead)
{
    struct pg_db *pg = st->pg;
    enum cc_err err = queue_preparation(st);
    if (err != CC_OK)
        return err;
    if (send_statement(st) == 0)
        return pg_note_away(pg, PQerrorMessage(pg->conn), st->sql);
    pg_pipeline_note(pg, &(struct pg_item){.sql = st->sql, .wants = wants, .ahead = ahead});
    return CC_OK;
}

static enum cc_err run_behind_others(struct pg_statement *st)
{
    enum cc_err err = queue_statement(st, PG_WANTS_ROWS, 0);
    return err == CC_OK ? pg_pipeline_end(st->pg, &st->result) : err;
}

static bool is_select(const struct pg_statement *st)
{
    return strncmp(st->sql, "SELECT", strlen("SELECT")) == 0;
}

/* Writes its parameters as they are compared; false: they are too long. */
static bool describe_statement(const struct pg_statement *st, struct pg_ahead *ret)
{
    size_t len = 0;
    for (int i = 0; i < st->count; i++) {
        size_t bytes = st->values[i] != NULL ? (size_t)st->lengths[i] : 0;
        uint32_t head[] = {st->types[i], st->values[i] != NULL, (uint32_t)bytes};
        if (len + sizeof(head) + bytes > sizeof(ret->bytes))
            return false;
        memcpy(ret->bytes + len, head, sizeof(head));
        if (bytes > 0)
            memcpy(ret->bytes + len + sizeof(head), st->values[i], bytes);
        len += sizeof(head) + bytes;
    }
    ret->statement = st;
    ret->len = len;
    return true;
}

/* The rows are not there yet: the caller finds none, and asks again. */
static enum cc_err ask_ahead(struct pg_statement *st)
{
    struct pg_pipeline *pipeline = st->pg->pipeline;
    struct pg_ahead asked = {.result = NULL};
    if (!is_select(st))
        return CC_ERR_DB;
    if (pipeline->ahead_count == PG_AHEAD_MAX || !describe_statement(st, &asked) ||
        pg_pipeline_find(st->pg, &asked) != NULL)
        return CC_OK;
    enum cc_err err = queue_statement(st, PG_WANTS_AHEAD, pipeline->ahead_count);
    if (err == CC_OK)
        pipeline->ahead[pipeline->ahead_count++] = asked;
    return err;
}

/* Leaves st->result NULL where it was not asked ahead. */
static enum cc_err take_ahead(struct pg_statement *st)
{
    struct pg_ahead asked = {.result = NULL};
    if (st->pg->pipeline->ahead_count == 0 || !describe_statement(st, &asked))
        return CC_OK;
    struct pg_ahead *found = pg_pipeline_find(st->pg, &asked);
    if (found == NULL)
        return CC_OK;
    enum cc_err err = found->result == NULL ? pg_pipeline_settle(st->pg) : CC_OK;
    if (err != CC_OK)
        return err;
    st->result = found->result;
    found->result = NULL;
    found->statement = NULL; /* once: the rows go with the statement */
    return CC_OK;
}

static enum cc_err run_stream(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    return PQsetSingleRowMode(pg->conn) == 1 && pg_send_all(pg)
               ? receive_row(st)
               : pg_note_away(pg, PQerrorMessage(pg->conn), st->sql);
}

/* Rows that come one by one come alone. */
static enum cc_err prepare_to_stream(struct pg_statement *st)
{
    enum cc_err err = fits_prepared(st) ? CC_OK : queue_preparation(st);
    return err == CC_OK ? pg_pipeline_settle(st->pg) : err;
}

static enum cc_err run_alone(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    if (send_statement(st) == 0)
        return pg_note_away(pg, PQerrorMessage(pg->conn), st->sql);
    return st->streams ? run_stream(st) : pg_receive(pg, st->sql, &st->result);
}

static enum cc_err run_prepared(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    enum cc_err err = CC_OK;
    if (pg->db.is_asking)
        return ask_ahead(st);
    if (!is_select(st))
        pg_pipeline_drop_ahead(pg);
    else if (!st->streams)
        err = take_ahead(st);
    if (err == CC_OK && st->streams)
        err = prepare_to_stream(st);
    if (err != CC_OK || st->result != NULL)
        return err;
    return pg_pipeline_is_empty(pg) && fits_prepared(st) ? run_alone(st) : run_behind_others(st);
}

static enum cc_err statement_run_later(struct db_stmt *stmt, bool must_change)
{
    struct pg_statement *st = stmt->handle;
    struct pg_db *pg = st->pg;
    if (!pg_is_ready(pg))
        return note_not_ready(st);
    pg_pipeline_drop_ahead(pg);
    enum cc_err err = queue_statement(st, must_change ? PG_WANTS_A_CHANGE : PG_WANTS_NOTHING, 0);
    pg->pipeline->writes += err == CC_OK && st->kind == KIND_PREPARED;
    return err;
}

static enum cc_err run_plain(struct pg_statement *st)
{
    if (PQsendQuery(st->pg->conn, st->sql) == 0)
        return pg_note_away(st->pg, PQerrorMessage(st->pg->conn), st->sql);
    return pg_receive(st->pg, st->sql, &st->result);
}

/* A COMMIT after an error is a ROLLBACK, and one without a transaction is none: neither is an error
 * for the server. */
static enum cc_err run_commit(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    if (PQtransactionStatus(pg->conn) == PQTRANS_IDLE) {
        log_error("base de datos: no hay transacción que guardar");
        return CC_ERR_DB;
    }
    pg->is_doubtful = false;
    pg_pipeline_drop_ahead(pg);
    enum cc_err err = pg_pipeline_is_empty(pg) ? run_plain(st) : run_behind_others(st);
    if (err == CC_OK && pg->is_doubtful)
        return pg_note_away(pg, "ninguna réplica ha confirmado lo guardado", st->sql);
    if (err == CC_OK && strcmp(PQcmdStatus(st->result), "COMMIT") == 0)
        return CC_OK;
    if (pg->state == PG_UP && !pg->db.has_lost)
        pg->db.rollbacks++;
    return err == CC_OK ? CC_ERR_DB : err;
}

static enum cc_err run_begin(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    pg_give_time(pg);
    enum cc_err err = pg_exec(pg, st->sql);
    /* the lock of another box's turn was not to be had: the transaction is begun all the same */
    if (err != CC_OK && pg->state == PG_UP && PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
        (void)pg_exec(pg, "ROLLBACK");
    return err;
}

static enum cc_err run_statement(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    if (!pg_is_ready(pg))
        return note_not_ready(st);
    if (PQtransactionStatus(pg->conn) == PQTRANS_IDLE)
        pg_give_time(pg);
    switch (st->kind) {
    case KIND_BEGIN:
        return run_begin(st);
    case KIND_COMMIT:
        return run_commit(st);
    case KIND_OTHER:
        return pg_exec(pg, st->sql);
    case KIND_PREPARED:
        break;
    }
    return run_prepared(st);
}

static enum cc_err statement_step(struct db_stmt *stmt, bool *ret_row)
{
    struct pg_statement *st = stmt->handle;
    *ret_row = false;
    if (st->result != NULL && st->streams) {
        enum cc_err err = receive_row(st);
        if (err != CC_OK)
            return err;
    } else if (st->result != NULL)
        st->row++;
    else {
        enum cc_err err = run_statement(st);
        if (err != CC_OK)
            return err;
        st->row = 0;
    }
    *ret_row = st->result != NULL && st->row < PQntuples(st->result);
    return CC_OK;
}

const struct engine_statements pg_statements = {
    .prepare = statement_prepare,
    .finalize = statement_finalize,
    .is_in_use = statement_is_in_use,
    .reset = statement_reset,
    .bind_int = statement_bind_int,
    .bind_text = statement_bind_text,
    .bind_blob = statement_bind_blob,
    .bind_null = statement_bind_null,
    .run_later = statement_run_later,
    .step = statement_step,
    .column_count = pg_column_count,
    .column_read = pg_column_read,
    .column_int = pg_column_int,
    .column_text = pg_column_text,
    .column_blob = pg_column_blob,
};
