/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/balance.h"

#include "store/seal.h"

#include <stdio.h>

enum cc_err balance_asked(struct store *store, const char *modem, int64_t now_ms)
{
    struct db_stmt *st = db_query(
        store->db,
        "INSERT INTO balances (modem, asked_ms, box) VALUES ($1, $2, $3)"
        " ON CONFLICT (box, modem) DO UPDATE SET asked_ms = excluded.asked_ms, ended_ms = 0,"
        " error = ''");
    DB_BIND(st, 1, db_text(modem), db_int(now_ms), db_text(store->box));
    return db_run(st);
}

enum cc_err balance_told(struct store *store, const char *modem, const char *text, int64_t now_ms)
{
    uint8_t row[SEAL_ROW_BYTES], sealed[BALANCE_TEXT_SIZE + SECRET_SEAL_OVERHEAD];
    secret_random(row, sizeof row);
    struct db_stmt *st =
        db_query(store->db, "UPDATE balances SET row_key = $1, text = $2, ended_ms = $3,"
                            " told_ms = $3, error = '' WHERE modem = $4 AND box = $5");
    DB_BIND(st, 1, db_blob(row, sizeof row),
            seal_text(store, "balances.text", row, text, sealed, sizeof sealed), db_int(now_ms),
            db_text(modem), db_text(store->box));
    return db_run(st);
}

enum cc_err balance_failed(struct store *store, const char *modem, const char *error,
                           int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE balances SET error = $1, ended_ms = $2 WHERE modem = $3"
                            " AND box = $4");
    DB_BIND(st, 1, db_text(error), db_int(now_ms), db_text(modem), db_text(store->box));
    return db_run(st);
}

static enum cc_err read_row(const struct store *store, struct db_stmt *st, struct balance *ret)
{
    uint8_t row[SEAL_ROW_BYTES];
    ret->asked_ms = db_column_int(st, 0);
    ret->ended_ms = db_column_int(st, 1);
    ret->told_ms = db_column_int(st, 3);
    (void)snprintf(ret->error, sizeof ret->error, "%s", db_column_text(st, 2));
    if (db_column_is_null(st, 5))
        return CC_OK;
    seal_copy_tag(st, 4, row);
    return seal_column(store, st, 5, "balances.text", row, ret->text, sizeof ret->text);
}

enum cc_err balance_get(struct store *store, const char *modem, struct balance *ret)
{
    struct balance balance = {0};
    struct db_stmt *st = db_query(store->db, "SELECT asked_ms, ended_ms, error, told_ms, row_key,"
                                             " text FROM balances WHERE modem = $1 AND box = $2");
    DB_BIND(st, 1, db_text(modem), db_text(store->box));
    enum cc_err err = db_finish_with(st, db_step(st) ? read_row(store, st, &balance) : CC_OK);
    if (err == CC_OK)
        *ret = balance;
    return err;
}
