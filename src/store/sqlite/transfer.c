/* SPDX-License-Identifier: EUPL-1.2 */
/* All rows to and from another engine. */
#include "store/sqlite/engine.h"
#include "store/sqlite/private.h"

static const char columns_sql[] =
    "SELECT t.name, c.name, c.type = 'TEXT', c.pk FROM sqlite_schema AS t,"
    " pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite^_%' ESCAPE"
    " '^' ORDER BY t.name, c.cid";

static enum cc_err transfer_load_begin(struct db *db, const struct engine_table *table)
{
    (void)table;
    return db_begin(db);
}

/* The bytes of a text that SQLite reads as a blob need not end in NUL. */
static void copy_column(struct db_stmt *st, struct db_stmt *from, int column)
{
    struct db_value value;
    db_column_read(from, column, &value);
    if (value.kind == DB_TEXT)
        value.bytes = db_column_text(from, column);
    db_bind_values(st, column + 1, &value, 1);
}

static enum cc_err transfer_load_row(struct db *db, const struct engine_table *table,
                                     struct db_stmt *from)
{
    struct db_stmt *st = db_query(db, table->insert);
    for (int i = 0; i < db_column_count(from); i++)
        copy_column(st, from, i);
    return db_run(st);
}

static enum cc_err transfer_load_end(struct db *db, const struct engine_table *table)
{
    (void)table;
    return db_commit(db);
}

/* A table without AUTOINCREMENT has no row here: its numbers may be given again. */
static enum cc_err transfer_last_number(struct db *db, const char *table, int64_t *ret)
{
    struct db_stmt *st = db_query(db, "SELECT seq FROM sqlite_sequence WHERE name = $1");
    db_bind_text(st, 1, table);
    *ret = 0;
    return err_allow_absent(db_run_int(st, ret));
}

static enum cc_err transfer_set_last_number(struct db *db, const char *table, int64_t last)
{
    static const char *const statements[] = {
        "DELETE FROM sqlite_sequence WHERE name = $1",
        "INSERT INTO sqlite_sequence (name, seq) SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM"
        " sqlite_schema WHERE name = $1 AND sql LIKE '%AUTOINCREMENT%')",
    };
    struct db_stmt *st = db_query(db, statements[0]);
    db_bind_text(st, 1, table);
    enum cc_err err = db_run(st);
    if (err != CC_OK || last == 0)
        return err;
    st = db_query(db, statements[1]);
    DB_BIND(st, 1, db_text(table), db_int(last));
    return db_run(st);
}

const struct engine_transfer sqlite_transfer = {
    .columns = columns_sql,
    .text_order = "",
    .read = db_query,
    .load_begin = transfer_load_begin,
    .load_row = transfer_load_row,
    .load_end = transfer_load_end,
    .last_number = transfer_last_number,
    .set_last_number = transfer_set_last_number,
};
