/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/retention.h"

#include "store/integrity.h"
#include "store/life.h"
#include "store/rowtag.h"
#include "store/seal.h"

enum cc_err retention_set_since(struct store *store, int64_t citizen_id, int64_t since_ms)
{
    struct db_stmt *st = db_query(store->db, "UPDATE citizens SET gone_ms = $1 WHERE id = $2");
    DB_BIND(st, 1, db_int(since_ms), db_int(citizen_id));
    return db_run_one(st);
}

/* Of the newest act that a term runs from: the bloqueo and looks at who is blocked begin none. */
static void take_since(const struct life_edge *edge, void *user)
{
    int64_t *since_ms = user;
    if (*since_ms == 0 && edge->act != LIFE_BLOCK && edge->act != LIFE_LOOK)
        *since_ms = edge->at_ms;
}

/* The instant has no tag: it must be that of the act in the history, which is sealed with it. */
static enum cc_err check_since(struct store *store, const struct citizen *citizen, int64_t since_ms)
{
    int64_t told_ms = 0;
    enum cc_err err = life_each(store, citizen, INT64_MAX, take_since, &told_ms);
    if (err == CC_OK && told_ms != since_ms)
        err = CC_ERR_ALTERED;
    if (err == CC_ERR_ALTERED)
        integrity_add_row(store, ROWTAG_CITIZENS, citizen->id);
    return err;
}

enum cc_err retention_find(struct store *store, enum life_state state, int64_t before_ms,
                           size_t max, struct citizen *ret, size_t *ret_count)
{
    uint8_t row[SECRET_TAG_BYTES];
    enum cc_err err = CC_OK;
    *ret_count = 0;
    struct db_stmt *st = db_query(store->db, "SELECT id, nif_index, gone_ms FROM citizens"
                                             " WHERE gone_ms > 0 AND gone_ms < $1 AND state = $2"
                                             " ORDER BY gone_ms");
    DB_BIND(st, 1, db_int(before_ms), db_int(state));
    while (err == CC_OK && *ret_count < max && db_step(st)) {
        seal_copy_tag(st, 1, row);
        err = citizens_find_by_index(store, db_column_int(st, 0), row, &ret[*ret_count]);
        if (err == CC_OK)
            err = check_since(store, &ret[*ret_count], db_column_int(st, 2));
        *ret_count += err == CC_OK;
        if (err == CC_ERR_CORRUPT || err == CC_ERR_ALTERED)
            err = CC_OK;
    }
    return db_finish_with(st, err);
}

enum cc_err retention_destroy(struct store *store, const struct citizen *citizen)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM citizens WHERE id = $1 RETURNING row_tag");
    db_bind_int(st, 1, citizen->id);
    enum cc_err err = rowtag_run_delete(store, ROWTAG_CITIZENS, st);
    if (err != CC_OK)
        return err;
    head_count_citizen(store, -1);
    st = db_query(store->db, "DELETE FROM requests WHERE citizen_id = $1 RETURNING row_tag");
    db_bind_int(st, 1, citizen->id);
    err = err_allow_absent(rowtag_run_delete(store, ROWTAG_REQUESTS, st));
    if (err != CC_OK)
        return err;
    st = db_query(store->db, "DELETE FROM notices WHERE citizen_id = $1 RETURNING row_tag");
    db_bind_int(st, 1, citizen->id);
    err = err_allow_absent(rowtag_run_delete(store, ROWTAG_NOTICES, st));
    if (err != CC_OK)
        return err;
    st = db_query(store->db, "DELETE FROM life WHERE citizen_id = $1");
    db_bind_int(st, 1, citizen->id);
    return db_run(st);
}
