/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The edges of the diagram in outbox.h. Each names the states it may leave in its WHERE, so that a
 * late answer or a second one changes nothing. Edges after which no attempt can come wipe the text.
 */
#include "store/outbox.h"

#include "store/outbox_row.h"
#include "store/seal.h"

enum cc_err outbox_claim(struct store *store, int64_t id, const char *modem, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET state = 1, attempts = attempts + 1, reference = -1,"
                            " modem = $1, sent_ms = $2 WHERE id = $3 AND state = 0");
    DB_BIND(st, 1, db_text(modem), db_int(now_ms), db_int(id));
    return db_run_one(st);
}

enum cc_err outbox_check_claim(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_stmt *st = db_query(
        store->db, "SELECT id FROM outbox WHERE id = $1 AND state = 1 AND expires_ms > $2");
    DB_BIND(st, 1, db_int(id), db_int(now_ms));
    return db_run_int(st, &id);
}

enum cc_err outbox_unclaim(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "UPDATE outbox SET state = 0, attempts = attempts - 1"
                                             " WHERE id = $1 AND state = 1");
    db_bind_int(st, 1, id);
    return db_run_one(st);
}

enum cc_err outbox_sent(struct store *store, int64_t id, int reference, int64_t now_ms)
{
    struct db_stmt *st = db_query(
        store->db, "UPDATE outbox SET state = 2, text = NULL, reference = $1, done_ms = $2,"
                   " cause_kind = 0, cause_code = 0 WHERE id = $3 AND state = 1");
    DB_BIND(st, 1, db_int(reference), db_int(now_ms), db_int(id));
    return db_run_one(st);
}

/* sql: a literal. */
static enum cc_err refuse_by(struct store *store, const char *sql, int64_t id,
                             struct gsm_cause cause, int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, db_int(cause.kind), db_int(cause.code), db_int(now_ms), db_int(id));
    return db_run_one(st);
}

#define REFUSE "UPDATE outbox SET state = 6, cause_kind = $1, cause_code = $2, done_ms = $3"

enum cc_err outbox_refused(struct store *store, int64_t id, struct gsm_cause cause, int64_t now_ms)
{
    return refuse_by(store, REFUSE ", text = NULL WHERE id = $4 AND state = 1", id, cause, now_ms);
}

enum cc_err outbox_refused_maybe(struct store *store, int64_t id, struct gsm_cause cause,
                                 int64_t now_ms)
{
    return refuse_by(store, REFUSE " WHERE id = $4 AND state = 1", id, cause, now_ms);
}

enum cc_err outbox_revive(struct store *store, int64_t id, int64_t not_before_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET state = 0, attempts = attempts - 1, done_ms = 0,"
                            " refusals = refusals + 1, not_before_ms = $1"
                            " WHERE id = $2 AND state = 6 AND text IS NOT NULL");
    DB_BIND(st, 1, db_int(not_before_ms), db_int(id));
    return db_run_one(st);
}

enum cc_err outbox_believe(struct store *store, int64_t id)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET text = NULL WHERE id = $1 AND state = 6");
    db_bind_int(st, 1, id);
    return db_run(st);
}

enum cc_err outbox_requeue(struct store *store, int64_t id, const struct outbox_delay *delay)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET state = 0, attempts = attempts - 1, cause_kind = $1,"
                            " cause_code = $2, refusals = refusals + $3, not_before_ms = $4,"
                            " avoid = modem, avoid_until_ms = $5 WHERE id = $6 AND state = 1");
    DB_BIND(st, 1, db_int(delay->cause.kind), db_int(delay->cause.code), db_int(delay->penalty),
            db_int(delay->not_before_ms), db_int(delay->avoid_until_ms), db_int(id));
    return db_run_one(st);
}

enum cc_err outbox_unknown(struct store *store, int64_t id, struct gsm_cause cause,
                           int64_t window_ends_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET state = 5, cause_kind = $1, cause_code = $2,"
                            " window_ends_ms = $3 WHERE id = $4 AND state = 1");
    DB_BIND(st, 1, db_int(cause.kind), db_int(cause.code), db_int(window_ends_ms), db_int(id));
    return db_run_one(st);
}

enum cc_err outbox_repeat(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET state = 0, is_repeat = 1, window_ends_ms = 0,"
                            " not_before_ms = $1 WHERE id = $2 AND state = 5 AND done_ms = 0");
    DB_BIND(st, 1, db_int(now_ms), db_int(id));
    return db_run_one(st);
}

enum cc_err outbox_give_up(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE outbox SET text = NULL, window_ends_ms = 0, done_ms = $1"
                            " WHERE id = $2 AND state = 5 AND done_ms = 0");
    DB_BIND(st, 1, db_int(now_ms), db_int(id));
    return db_run_one(st);
}

/* A repeat that is still in the queue: the report says that the first attempt did go. */
#define MAY_HAVE_GONE "(state = 5 OR (state = 0 AND is_repeat = 1))"

enum cc_err outbox_accepted(struct store *store, int64_t id, int reference, int64_t now_ms)
{
    struct db_stmt *st = db_query(
        store->db, "UPDATE outbox SET state = 2, text = NULL, window_ends_ms = 0, reference = $1,"
                   " done_ms = $2 WHERE id = $3 AND " MAY_HAVE_GONE);
    DB_BIND(st, 1, db_int(reference), db_int(now_ms), db_int(id));
    return db_run_one(st);
}

enum cc_err outbox_reported(struct store *store, int64_t id, bool delivered, struct gsm_cause cause,
                            int64_t now_ms)
{
    struct db_stmt *st = db_query(
        store->db, "UPDATE outbox SET state = $1, text = NULL, window_ends_ms = 0, cause_kind = $2,"
                   " cause_code = $3, done_ms = $4 WHERE id = $5"
                   " AND (state = 2 OR " MAY_HAVE_GONE ")");
    DB_BIND(st, 1, db_int((int64_t)(delivered ? OUTBOX_DELIVERED : OUTBOX_UNDELIVERED)),
            db_int(cause.kind), db_int(cause.code), db_int(now_ms), db_int(id));
    return db_run_one(st);
}

/* Refused ones that a program that has ended did not believe yet. */
static enum cc_err believe_all(struct store *store)
{
    struct db_stmt *st = db_query(store->db, "UPDATE outbox SET text = NULL WHERE done_ms > 0"
                                             " AND state = 6 AND text IS NOT NULL AND box = $1");
    db_bind_text(st, 1, store->box);
    return db_run(st);
}

enum cc_err outbox_expire(struct store *store, int64_t now_ms, int64_t *ret_count)
{
    /* Two statements: each state has its own index. The first walks over all that wait. */
    static const char *const sqls[] = {
        "UPDATE outbox SET state = 7, text = NULL, window_ends_ms = 0, done_ms = $1"
        " WHERE done_ms = 0 AND state = 0 AND expires_ms + 0 <= $1",
        "UPDATE outbox SET state = 7, text = NULL, window_ends_ms = 0, done_ms = $1"
        " WHERE done_ms = 0 AND state = 5 AND expires_ms <= $1",
    };
    int64_t counts[] = {0, 0};
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < sizeof sqls / sizeof sqls[0] && err == CC_OK; ++i) {
        struct db_stmt *st = db_query(store->db, sqls[i]);
        db_bind_int(st, 1, now_ms);
        err = db_run_count(st, &counts[i]);
    }
    if (err == CC_OK)
        *ret_count = counts[0] + counts[1];
    return err;
}

/*
 * Messages to a phone that may be sent, or sent again. One that waits expires now; of one that may
 * have gone, or was refused, no further attempt comes; the one that a modem has expires, so that it
 * does not come back to the queue. "+ 0" keeps the planner from other indexes than the phone's.
 */
#define WITHDRAW                                                                                   \
    "UPDATE outbox SET state = CASE state WHEN 0 THEN 7 ELSE state END,"                           \
    " text = CASE state WHEN 1 THEN text ELSE NULL END,"                                           \
    " done_ms = CASE WHEN state IN (0, 5) THEN $1 ELSE done_ms END,"                               \
    " window_ends_ms = 0, expires_ms = $1"                                                         \
    " WHERE phone_index = $2 AND class < 2 AND text IS NOT NULL AND state + 0 IN (0, 1, 5, 6)"

/* sql: a literal, WITHDRAW with what $3 is. */
static enum cc_err withdraw_of(struct store *store, const char *sql, int64_t id, const char *phone,
                               int64_t now_ms)
{
    uint8_t phone_index[SECRET_TAG_BYTES];
    seal_phone_index(store, phone, phone_index);
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, db_int(now_ms), db_blob(phone_index, sizeof phone_index), db_int(id));
    return db_run(st);
}

enum cc_err outbox_withdraw(struct store *store, int64_t request_id, const char *phone,
                            int64_t now_ms)
{
    return withdraw_of(store, WITHDRAW " AND request_id = $3", request_id, phone, now_ms);
}

enum cc_err outbox_withdraw_message(struct store *store, int64_t id, const char *phone,
                                    int64_t now_ms)
{
    return withdraw_of(store, WITHDRAW " AND id = $3", id, phone, now_ms);
}

enum cc_err outbox_withdraw_replaced(struct store *store, int64_t citizen_id, const char *phone,
                                     int64_t now_ms)
{
    return withdraw_of(store,
                       WITHDRAW " AND request_id IN (SELECT id FROM requests WHERE citizen_id = $3"
                                " AND replaced_ms = $1)",
                       citizen_id, phone, now_ms);
}

enum cc_err outbox_recover(struct store *store, int64_t window_ends_ms, int64_t *ret_count)
{
    struct db_stmt *st = db_query(store->db, "UPDATE outbox SET state = 5, crashes = crashes + 1,"
                                             " window_ends_ms = $1, cause_kind = $2, cause_code = 0"
                                             " WHERE done_ms = 0 AND state = 1 AND box = $3");
    DB_BIND(st, 1, db_int(window_ends_ms), db_int(GSM_CAUSE_LOCAL), db_text(store->box));
    enum cc_err err = db_run_count(st, ret_count);
    return err == CC_OK ? believe_all(store) : err;
}
