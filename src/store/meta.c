/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/meta.h"

#include "store/rowtag.h"

enum cc_err meta_read_number(struct store *store, const char *name, int64_t *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT " META_TAGGED " FROM meta WHERE name = $1");
    int64_t number = 0;
    db_bind_text(st, 1, name);
    if (db_step(st) && rowtag_fits(store, ROWTAG_META, st))
        number = db_column_int(st, 1);
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret = number;
    return err;
}

/* An equal number too: the row may be one that somebody has edited to it. */
enum cc_err meta_write_number(struct store *store, const char *name, int64_t number)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO meta (name, number) VALUES ($1, $2)"
                            " ON CONFLICT (name) DO UPDATE SET number = excluded.number"
                            " RETURNING " META_TAGGED);
    DB_BIND(st, 1, db_text(name), db_int(number));
    return rowtag_run(store, ROWTAG_META, st, NULL);
}
