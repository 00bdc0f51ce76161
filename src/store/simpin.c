/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/simpin.h"

#include "base/secret.h"

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
    int64_t rows = 0;
    pair_tag(store, iccid, pin, tag);
    struct db_stmt *st = db_query(store->db, "SELECT count(*) FROM sim_pins WHERE pair_tag = $1");
    db_bind_blob(st, 1, tag, sizeof tag);
    enum cc_err err = db_run_int(st, &rows);
    if (err == CC_OK)
        *ret_tried = rows > 0;
    return err;
}

enum cc_err simpin_trying(struct store *store, const char *iccid, const char *pin, int64_t now_ms)
{
    uint8_t tag[SECRET_TAG_BYTES];
    pair_tag(store, iccid, pin, tag);
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO sim_pins (pair_tag, tried_ms) VALUES ($1, $2)"
                            " ON CONFLICT (pair_tag) DO UPDATE SET tried_ms = excluded.tried_ms");
    db_bind_blob(st, 1, tag, sizeof tag);
    db_bind_int(st, 2, now_ms);
    enum cc_err err = db_run(st);
    return err == CC_OK ? store_commit_now(store) : err;
}

enum cc_err simpin_worked(struct store *store, const char *iccid, const char *pin)
{
    uint8_t tag[SECRET_TAG_BYTES];
    pair_tag(store, iccid, pin, tag);
    struct db_stmt *st = db_query(store->db, "DELETE FROM sim_pins WHERE pair_tag = $1");
    db_bind_blob(st, 1, tag, sizeof tag);
    enum cc_err err = db_run(st);
    return err == CC_OK ? store_commit_now(store) : err;
}
