/* SPDX-License-Identifier: EUPL-1.2 */
/* All rows to and from another engine. */
#include "store/engine_transfer.h"
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

static void copy_column(struct db_stmt *st, struct db_stmt *from, int column)
{
    size_t len = 0;
    const void *bytes = NULL;
    switch (db_column_kind(from, column)) {
    case DB_INT:
        db_bind_int(st, column + 1, db_column_int(from, column));
        break;
    case DB_TEXT:
        db_bind_text(st, column + 1, db_column_text(from, column));
        break;
    case DB_BLOB:
        bytes = db_column_blob(from, column, &len);
        db_bind_blob(st, column + 1, len > 0 ? bytes : "", len);
        break;
    case DB_NULL:
    case DB_OTHER:
        db_bind_null(st, column + 1);
        break;
    }
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
    enum cc_err err = db_run_int(st, ret);
    return err == CC_ERR_NOT_FOUND ? CC_OK : err;
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
    db_bind_text(st, 1, table);
    db_bind_int(st, 2, last);
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
