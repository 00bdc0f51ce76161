/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/simpin.h"

#include "base/secret.h"
#include "store/rowtag.h"

#include <string.h>

static void pair_tag(const struct store *store, const char *iccid, const char *pin,
                     uint8_t out[SECRET_TAG_BYTES])
{
    secret_tag(store->keys, SECRET_USE_SIM_PIN, iccid, strlen(iccid), pin, strlen(pin), out);
}

enum cc_err simpin_was_tried(struct store *store, const char *iccid, const char *pin,
                             bool *ret_tried)
{
    uint8_t tag[SECRET_TAG_BYTES];
    pair_tag(store, iccid, pin, tag);
    struct db_stmt *st =
        db_query(store->db, "SELECT " SIM_PINS_TAGGED " FROM sim_pins WHERE pair_tag = $1");
    db_bind_blob(st, 1, tag, sizeof tag);
    bool tried = db_step(st);
    if (tried) /* an altered row is told, and counts all the same: it names the pair */
        (void)rowtag_fits(store, ROWTAG_SIM_PINS, st);
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_tried = tried;
    return err;
}

/* The row, its tag and the head go in one transaction, which is durable now. */
static enum cc_err end_change(struct store *store, bool is_alone, enum cc_err err)
{
    return err == CC_OK && !is_alone ? store_commit_now(store)
                                     : store_end_alone(store, is_alone, err);
}

enum cc_err simpin_trying(struct store *store, const char *iccid, const char *pin, int64_t now_ms)
{
    uint8_t tag[SECRET_TAG_BYTES];
    bool is_alone = false;
    enum cc_err err = store_begin_alone(store, &is_alone);
    if (err != CC_OK)
        return err;
    pair_tag(store, iccid, pin, tag);
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO sim_pins (pair_tag, tried_ms) VALUES ($1, $2)"
                            " ON CONFLICT (pair_tag) DO UPDATE SET tried_ms = excluded.tried_ms"
                            " RETURNING " SIM_PINS_TAGGED);
    DB_BIND(st, 1, db_blob(tag, sizeof tag), db_int(now_ms));
    return end_change(store, is_alone, rowtag_run(store, ROWTAG_SIM_PINS, st, NULL));
}

enum cc_err simpin_worked(struct store *store, const char *iccid, const char *pin)
{
    uint8_t tag[SECRET_TAG_BYTES];
    bool is_alone = false;
    enum cc_err err = store_begin_alone(store, &is_alone);
    if (err != CC_OK)
        return err;
    pair_tag(store, iccid, pin, tag);
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM sim_pins WHERE pair_tag = $1 RETURNING row_tag");
    db_bind_blob(st, 1, tag, sizeof tag);
    err = rowtag_run_delete(store, ROWTAG_SIM_PINS, st);
    return end_change(store, is_alone, err_allow_absent(err));
}
