/* SPDX-License-Identifier: EUPL-1.2 */
/* All rows to and from another engine: written by COPY, read one by one. */
#include "store/pg/engine.h"
#include "store/pg/private.h"
#include "store/pg/statement.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_SQL_SIZE = 1024, HEADER_BYTES = 19 };

/* A box that has the name of a row is running: it holds the lock of pg_take_name(). */
static enum cc_err transfer_keep_out(struct db *db)
{
    struct db_stmt *st =
        db_query(db, "SELECT box FROM boxes WHERE NOT pg_try_advisory_lock(1128483927,"
                     " hashtext(current_schema() || '/' || box))");
    bool runs = db_step(st);
    if (runs)
        log_error("base_datos: el equipo «%s» está en marcha: párelo, y a los demás que la usan",
                  db_column_text(st, 0));
    enum cc_err err = db_finish(st);
    return err == CC_OK && runs ? CC_ERR_DB_IN_USE : err;
}

static struct db_stmt *transfer_read(struct db *db, const char *select)
{
    struct db_stmt *st = db_query(db, select);
    if (st != NULL)
        pg_statement_stream(st->handle);
    return st;
}

/* ---- COPY, PostgreSQL manual 55.2.6; the binary form: COPY, "File Formats" ------------------- */

static enum cc_err flush_load(struct pg_db *pg)
{
    size_t len = pg->load->used;
    pg->load->used = 0;
    pg_give_time(pg);
    if (PQputCopyData(pg->conn, pg->load->bytes, (int)len) == 1 && pg_send_all(pg))
        return CC_OK;
    return pg_note_away(pg, PQerrorMessage(pg->conn), "COPY");
}

static enum cc_err put_bytes(struct pg_db *pg, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        struct pg_load *load = pg->load;
        size_t room = sizeof(load->bytes) - load->used, part = len < room ? len : room;
        memcpy(load->bytes + load->used, at, part);
        load->used += part;
        at += part;
        len -= part;
        enum cc_err err = load->used == sizeof(load->bytes) ? flush_load(pg) : CC_OK;
        if (err != CC_OK)
            return err;
    }
    return CC_OK;
}

static enum cc_err put_number(struct pg_db *pg, uint64_t value, size_t size)
{
    uint8_t bytes[PG_VALUE_SIZE];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    return put_bytes(pg, bytes, size);
}

static enum cc_err put_value(struct pg_db *pg, struct db_stmt *from, int column)
{
    size_t len = 0;
    enum db_kind kind = db_column_kind(from, column);
    if (kind == DB_NULL)
        return put_number(pg, UINT32_MAX, 4);
    if (kind == DB_INT) {
        enum cc_err err = put_number(pg, PG_VALUE_SIZE, 4);
        return err == CC_OK ? put_number(pg, (uint64_t)db_column_int(from, column), PG_VALUE_SIZE)
                            : err;
    }
    const void *bytes = db_column_blob(from, column, &len);
    enum cc_err err = put_number(pg, len, 4);
    return err == CC_OK ? put_bytes(pg, bytes, len) : err;
}

static enum cc_err transfer_load_begin(struct db *db, const struct engine_table *table)
{
    static const char header[HEADER_BYTES] = "PGCOPY\n\377\r\n"; /* the rest of it is zeros */
    struct pg_db *pg = pg_of(db);
    char sql[COPY_SQL_SIZE];
    int len = snprintf(sql, sizeof(sql), "COPY %s (%s) FROM STDIN (FORMAT binary)", table->name,
                       table->columns);
    if (len < 0 || len >= COPY_SQL_SIZE)
        return CC_ERR_NO_SPACE;
    if (pg->load == NULL)
        pg->load = malloc(sizeof(*pg->load));
    if (pg->load == NULL)
        return CC_ERR_MEMORY;
    pg->load->used = 0;
    enum cc_err err = pg_begin_copy(pg, sql);
    return err == CC_OK ? put_bytes(pg, header, sizeof(header)) : err;
}

static enum cc_err transfer_load_row(struct db *db, const struct engine_table *table,
                                     struct db_stmt *from)
{
    struct pg_db *pg = pg_of(db);
    int columns = db_column_count(from);
    enum cc_err err = put_number(pg, (uint64_t)columns, 2);
    (void)table;
    for (int i = 0; i < columns && err == CC_OK; i++)
        err = put_value(pg, from, i);
    return err;
}

static enum cc_err transfer_load_end(struct db *db, const struct engine_table *table)
{
    struct pg_db *pg = pg_of(db);
    PGresult *result = NULL;
    enum cc_err err = put_number(pg, UINT16_MAX, 2);
    if (err == CC_OK)
        err = flush_load(pg);
    if (err != CC_OK)
        return err;
    if (PQputCopyEnd(pg->conn, NULL) != 1)
        return pg_note_away(pg, PQerrorMessage(pg->conn), table->name);
    err = pg_receive(pg, table->name, &result);
    PQclear(result);
    return err;
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* The name of a sequence is that of the table when it was made. */
static enum cc_err transfer_last_number(struct db *db, const char *table, int64_t *ret)
{
    struct db_stmt *st =
        db_query(db, "SELECT coalesce(max(pg_sequence_last_value(pg_get_serial_sequence("
                     "table_name, column_name)::regclass)), 0) FROM information_schema.columns"
                     " WHERE table_schema = current_schema() AND table_name = $1"
                     " AND is_identity = 'YES'");
    db_bind_text(st, 1, table);
    return db_run_int(st, ret);
}

/* Where the other engine remembers no number, that of the last row counts. */
static enum cc_err transfer_set_last_number(struct db *db, const char *table, int64_t last)
{
    char sql[COPY_SQL_SIZE]; /* names of tables are no parameters */
    int64_t is_numbered = 0;
    struct db_stmt *st = db_query(db, "SELECT count(*) FROM information_schema.columns WHERE"
                                      " table_schema = current_schema() AND table_name = $1"
                                      " AND column_name = 'id' AND is_identity = 'YES'");
    db_bind_text(st, 1, table);
    enum cc_err err = db_run_int(st, &is_numbered);
    if (err != CC_OK || is_numbered == 0)
        return err;
    (void)snprintf(sql, sizeof(sql),
                   "SELECT setval(pg_get_serial_sequence('%s', 'id'), greatest(last, 1), last > 0)"
                   " FROM (SELECT greatest(%" PRId64 ", max(id)) AS last FROM %s) AS numbers",
                   table, last, table);
    return db_exec(db, sql);
}

const struct engine_transfer pg_transfer = {
    .text_order = " COLLATE \"C\"",
    .keep_out = transfer_keep_out,
    .read = transfer_read,
    .load_begin = transfer_load_begin,
    .load_row = transfer_load_row,
    .load_end = transfer_load_end,
    .last_number = transfer_last_number,
    .set_last_number = transfer_set_last_number,
};
