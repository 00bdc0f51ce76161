/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/boxes.h"

#include "gsm/cause.h"

enum cc_err boxes_beat(struct store *store, int64_t now_ms, bool can_send)
{
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO boxes (box, seen_ms, sends_ms) VALUES ($1, $2, $3)"
                            " ON CONFLICT (box) DO UPDATE SET seen_ms = excluded.seen_ms,"
                            " sends_ms = CASE WHEN excluded.sends_ms > 0 THEN excluded.sends_ms"
                            " ELSE boxes.sends_ms END");
    db_bind_text(st, 1, store->box);
    db_bind_int(st, 2, now_ms);
    db_bind_int(st, 3, can_send ? now_ms : 0);
    return db_run(st);
}

static enum cc_err run_counted(struct store *store, struct db_stmt *st, int64_t *count_io)
{
    enum cc_err err = db_run(st);
    if (err == CC_OK)
        *count_io += db_changes(store->db);
    return err;
}

static enum cc_err take_waiting(struct store *store, int64_t since_ms, int64_t *count_io)
{
    struct db_stmt *st = db_query(
        store->db, "UPDATE outbox SET box = $1 WHERE state = 0 AND box <> $1 AND only_modem = ''"
                   " AND box NOT IN (SELECT box FROM boxes WHERE sends_ms > $2)");
    db_bind_text(st, 1, store->box);
    db_bind_int(st, 2, since_ms);
    return run_counted(store, st, count_io);
}

static enum cc_err take_in_flight(struct store *store, int64_t since_ms, int64_t window_ends_ms,
                                  int64_t *count_io)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET box = $1, state = 5, crashes = crashes + 1,"
                            " window_ends_ms = $2, cause_kind = $3, cause_code = 0"
                            " WHERE done_ms = 0 AND state = 1 AND box <> $1"
                            " AND box NOT IN (SELECT box FROM boxes WHERE seen_ms > $4)");
    db_bind_text(st, 1, store->box);
    db_bind_int(st, 2, window_ends_ms);
    db_bind_int(st, 3, (int64_t)GSM_CAUSE_LOCAL);
    db_bind_int(st, 4, since_ms);
    return run_counted(store, st, count_io);
}

static enum cc_err take_unknown(struct store *store, int64_t since_ms, int64_t *count_io)
{
    struct db_stmt *st = db_query(
        store->db, "UPDATE outbox SET box = $1 WHERE done_ms = 0 AND state = 5 AND box <> $1"
                   " AND box NOT IN (SELECT box FROM boxes WHERE seen_ms > $2)");
    db_bind_text(st, 1, store->box);
    db_bind_int(st, 2, since_ms);
    return run_counted(store, st, count_io);
}

enum cc_err boxes_take_over(struct store *store, int64_t now_ms, int64_t window_ends_ms,
                            int64_t *ret_count)
{
    int64_t count = 0, since_ms = now_ms - BOXES_GONE_MS;
    enum cc_err err = take_unknown(store, since_ms, &count);
    if (err == CC_OK)
        err = take_in_flight(store, since_ms, window_ends_ms, &count);
    if (err == CC_OK)
        err = take_waiting(store, since_ms, &count);
    if (err == CC_OK)
        *ret_count = count;
    return err;
}
