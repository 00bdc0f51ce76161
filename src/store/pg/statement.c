/* SPDX-License-Identifier: EUPL-1.2 */
/* Prepared statements: parameters and results in PostgreSQL's binary form. */
#include "store/pg/private.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of pg_type.h: types that the tables and their functions have. */
enum {
    OID_NONE = 0, /* the server finds it */
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_NUMERIC = 1700,
};

/* How a statement goes to the server. */
enum statement_kind {
    KIND_PREPARED,
    KIND_BEGIN, /* sent as written, like the next two; it may come with statements of its own */
    KIND_COMMIT,
    KIND_OTHER, /* of transactions */
};

struct pg_statement {
    struct pg_db *pg;
    const char *sql;
    enum statement_kind kind;
    char name[24];
    uint64_t generation; /* of the connection that it was prepared in; 0 = of none */
    Oid prepared[PG_PARAMETERS];

    int count; /* highest parameter that was bound */
    Oid types[PG_PARAMETERS];
    const char *values[PG_PARAMETERS];
    int lengths[PG_PARAMETERS];
    int formats[PG_PARAMETERS];
    uint8_t ints[PG_PARAMETERS][PG_VALUE_SIZE];

    PGresult *result;
    int row;      /* of the result, that the statement stands on */
    bool streams; /* the result has one row; the next one is still to come */
};

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

static enum cc_err prepare_on_server(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    PGresult *result = NULL;
    (void)snprintf(st->name, sizeof(st->name), "s%llu", (unsigned long long)++pg->names);
    if (PQsendPrepare(pg->conn, st->name, st->sql, st->count, st->types) == 0)
        return pg_note_away(pg, PQerrorMessage(pg->conn), st->sql);
    enum cc_err err = pg_receive(pg, st->sql, &result);
    PQclear(result);
    if (err != CC_OK)
        return err;
    st->generation = pg->generation;
    memcpy(st->prepared, st->types, sizeof(st->prepared));
    return CC_OK;
}

static enum cc_err run_prepared(struct pg_statement *st)
{
    struct pg_db *pg = st->pg;
    enum cc_err err = fits_prepared(st) ? CC_OK : prepare_on_server(st);
    if (err != CC_OK)
        return err;
    if (PQsendQueryPrepared(pg->conn, st->name, st->count, st->values, st->lengths, st->formats,
                            1) == 0)
        return pg_note_away(pg, PQerrorMessage(pg->conn), st->sql);
    if (st->streams)
        return PQsetSingleRowMode(pg->conn) == 1 && pg_send_all(pg)
                   ? receive_row(st)
                   : pg_note_away(pg, PQerrorMessage(pg->conn), st->sql);
    return pg_receive(pg, st->sql, &st->result);
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
    if (PQsendQuery(pg->conn, st->sql) == 0)
        return pg_note_away(pg, PQerrorMessage(pg->conn), st->sql);
    enum cc_err err = pg_receive(pg, st->sql, &st->result);
    if (err == CC_OK && pg->is_doubtful)
        return pg_note_away(pg, "ninguna réplica ha confirmado lo guardado", st->sql);
    if (err == CC_OK && strcmp(PQcmdStatus(st->result), "COMMIT") == 0)
        return CC_OK;
    if (pg->state == PG_UP)
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
        return db_fault_note(&pg->db, DB_FAULT_AWAY, "sin conexión", 0, st->sql);
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

/* ---- columns -------------------------------------------------------------------------------- */

static int statement_column_count(const void *handle)
{
    const struct pg_statement *st = handle;
    return st->result != NULL ? PQnfields(st->result) : 0;
}

static enum db_kind kind_of_column(void *handle, int column)
{
    const struct pg_statement *st = handle;
    if (PQgetisnull(st->result, st->row, column) == 1)
        return DB_NULL;
    switch (PQftype(st->result, column)) {
    case OID_BOOL:
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_NUMERIC:
        return DB_INT;
    case OID_TEXT:
        return DB_TEXT;
    case OID_BYTEA:
        return DB_BLOB;
    default:
        return DB_OTHER;
    }
}

static uint64_t read_big_endian(const uint8_t *bytes, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | bytes[i];
    return value;
}

/*
 * The sum of integers is a numeric: digits to the base of 10000, the first of which has `weight`.
 * Source: PostgreSQL 15, numeric.c, numeric_send().
 */
static int64_t read_numeric(const uint8_t *bytes)
{
    enum { HEADER = 8, BASE = 10000, NEGATIVE = 0x4000 };
    int digits = (int)read_big_endian(bytes, 2);
    int weight = (int16_t)read_big_endian(bytes + 2, 2);
    int64_t value = 0;
    for (int i = 0; i <= weight; i++)
        value = value * BASE +
                (i < digits ? (int64_t)read_big_endian(bytes + HEADER + 2 * (size_t)i, 2) : 0);
    return read_big_endian(bytes + 4, 2) == NEGATIVE ? -value : value;
}

static int64_t statement_column_int(void *handle, int column)
{
    const struct pg_statement *st = handle;
    const uint8_t *bytes = (const uint8_t *)PQgetvalue(st->result, st->row, column);
    if (PQgetisnull(st->result, st->row, column) == 1)
        return 0;
    switch (PQftype(st->result, column)) {
    case OID_BOOL:
        return bytes[0] != 0;
    case OID_INT2:
        return (int16_t)read_big_endian(bytes, 2);
    case OID_INT4:
        return (int32_t)read_big_endian(bytes, 4);
    case OID_INT8:
        return (int64_t)read_big_endian(bytes, PG_VALUE_SIZE);
    case OID_NUMERIC:
        return read_numeric(bytes);
    default:
        return 0;
    }
}

static const char *statement_column_text(void *handle, int column)
{
    const struct pg_statement *st = handle;
    return PQgetisnull(st->result, st->row, column) == 1 ? NULL
                                                         : PQgetvalue(st->result, st->row, column);
}

static const void *statement_column_blob(void *handle, int column, size_t *ret_len)
{
    const struct pg_statement *st = handle;
    *ret_len = (size_t)PQgetlength(st->result, st->row, column);
    return PQgetisnull(st->result, st->row, column) == 1 ? NULL
                                                         : PQgetvalue(st->result, st->row, column);
}

static void statement_column_read(void *handle, int column, struct db_value *ret)
{
    *ret = (struct db_value){.kind = kind_of_column(handle, column)};
    if (ret->kind == DB_INT)
        ret->number = statement_column_int(handle, column);
    else
        ret->bytes = statement_column_blob(handle, column, &ret->len);
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
    .step = statement_step,
    .column_count = statement_column_count,
    .column_read = statement_column_read,
    .column_int = statement_column_int,
    .column_text = statement_column_text,
    .column_blob = statement_column_blob,
};
