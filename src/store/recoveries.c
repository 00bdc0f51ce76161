/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/recoveries.h"

#include "base/span.h"

#include <stdio.h>

enum {
    KEPT_PER_MODEM = 1000,
    SWEEP_BATCH = 100,
};
static const int64_t kept_ms = 2 * 366 * DAY_MS;

static enum cc_err insert_rung(struct store *store, const char *modem, const char *rung,
                               const char *evidence, int64_t at_ms, int64_t ended_ms, bool worked)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO recoveries (modem, at_ms, ended_ms, rung, evidence,"
                            " worked, box) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    DB_BIND(st, 1, db_text(modem), db_int(at_ms), db_int(ended_ms), db_text(rung),
            db_text(evidence), db_int(worked), db_text(store->box));
    return db_run(st);
}

static enum cc_err sweep_old(struct store *store, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM recoveries WHERE id IN (SELECT id FROM (SELECT id, at_ms"
                            " FROM recoveries ORDER BY id LIMIT $1) AS oldest WHERE at_ms < $2)");
    DB_BIND(st, 1, db_int(SWEEP_BATCH), db_int(now_ms - kept_ms));
    return db_run(st);
}

static enum cc_err sweep_many(struct store *store, const char *modem)
{
    struct db_stmt *st = db_query(
        store->db, "DELETE FROM recoveries WHERE modem = $1 AND box = $2 AND id <= (SELECT id"
                   " FROM recoveries WHERE modem = $1 AND box = $2 ORDER BY id DESC LIMIT 1"
                   " OFFSET $3)");
    DB_BIND(st, 1, db_text(modem), db_text(store->box), db_int(KEPT_PER_MODEM));
    return db_run(st);
}

enum cc_err recoveries_begin(struct store *store, const char *modem, const char *rung,
                             const char *evidence, int64_t now_ms)
{
    enum cc_err err = insert_rung(store, modem, rung, evidence, now_ms, 0, false);
    if (err == CC_OK)
        err = sweep_old(store, now_ms);
    return err == CC_OK ? sweep_many(store, modem) : err;
}

enum cc_err recoveries_end(struct store *store, const char *modem, const char *rung,
                           const char *evidence, bool worked, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE recoveries SET ended_ms = $1, worked = $2 WHERE id = (SELECT id"
                            " FROM recoveries WHERE modem = $3 AND box = $4 ORDER BY id DESC"
                            " LIMIT 1) AND ended_ms = 0 AND rung = $5");
    DB_BIND(st, 1, db_int(now_ms), db_int(worked), db_text(modem), db_text(store->box),
            db_text(rung));
    enum cc_err err = db_run_one(st);
    return err == CC_ERR_NOT_FOUND
               ? insert_rung(store, modem, rung, evidence, now_ms, now_ms, worked)
               : err;
}

enum cc_err recoveries_list(struct store *store, const char *modem, int64_t since_ms, int64_t max,
                            bool (*visit)(const struct recovery *, void *user), void *user)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT at_ms, ended_ms, worked, rung, evidence FROM recoveries"
                            " WHERE modem = $1 AND box = $2 AND at_ms >= $3 ORDER BY id DESC"
                            " LIMIT $4");
    DB_BIND(st, 1, db_text(modem), db_text(store->box), db_int(since_ms), db_int(max));
    bool more = true;
    while (more && db_step(st)) {
        struct recovery row = {.at_ms = db_column_int(st, 0),
                               .ended_ms = db_column_int(st, 1),
                               .worked = db_column_int(st, 2) != 0};
        (void)snprintf(row.rung, sizeof row.rung, "%s", db_column_text(st, 3));
        (void)snprintf(row.evidence, sizeof row.evidence, "%s", db_column_text(st, 4));
        more = visit(&row, user);
    }
    return db_finish(st);
}
