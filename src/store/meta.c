/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/meta.h"

#include "store/rowtag.h"
#include "store/seal.h"

enum cc_err meta_read(struct store *store, const char *name, struct meta_row *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT " META_TAGGED " FROM meta WHERE name = $1");
    struct meta_row row = {.number = 0};
    db_bind_text(st, 1, name);
    if (db_step(st)) {
        row.is_altered = !rowtag_fits(store, ROWTAG_META, st);
        if (!row.is_altered) {
            row.number = db_column_int(st, 1);
            seal_copy_tag(st, 2, row.tag);
        }
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret = row;
    return err;
}

enum cc_err meta_read_number(struct store *store, const char *name, int64_t *ret)
{
    struct meta_row row;
    enum cc_err err = meta_read(store, name, &row);
    if (err == CC_OK)
        *ret = row.number;
    return err;
}

/* A row that is equal already is written too: it may have been edited to that. */
enum cc_err meta_write(struct store *store, const char *name, int64_t number, const uint8_t *tag)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO meta (name, number, bytes) VALUES ($1, $2, $3)"
                            " ON CONFLICT (name) DO UPDATE SET number = excluded.number,"
                            " bytes = excluded.bytes RETURNING " META_TAGGED);
    DB_BIND(st, 1, db_text(name), db_int(number),
            tag != NULL ? db_blob(tag, SECRET_TAG_BYTES) : db_null());
    return rowtag_run(store, ROWTAG_META, st, NULL);
}

enum cc_err meta_write_number(struct store *store, const char *name, int64_t number)
{
    return meta_write(store, name, number, NULL);
}
