/* SPDX-License-Identifier: EUPL-1.2 */
/* Writing messages and finding the one that something is about; the edges are in outbox_edges.c. */
#include "store/outbox.h"

#include "base/log.h"
#include "store/outbox_row.h"
#include "store/seal.h"

#include <inttypes.h>
#include <stdio.h>

enum cc_err outbox_insert(struct store *store, const struct outbox_message *message,
                          int64_t *ret_id)
{
    uint8_t row[SEAL_ROW_BYTES], phone_index[SECRET_TAG_BYTES];
    uint8_t phone[PHONE_SIZE + SECRET_SEAL_OVERHEAD], text[OUTBOX_TEXT_SIZE + SECRET_SEAL_OVERHEAD];
    secret_random(row, sizeof row);
    seal_phone_index(store, message->phone.e164, phone_index);
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO outbox (row_key, phone_index, phone, text, modem, request_id,"
                   " class, state, created_ms, not_before_ms, expires_ms, attempts, refusals,"
                   " is_repeat, reference, sent_ms, window_ends_ms, done_ms, cause_kind,"
                   " cause_code, only_modem, box)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
                   " $16, $17, $18, $19, $20, $21, $22) RETURNING id");
    DB_BIND(st, 1, db_blob(row, sizeof row), db_blob(phone_index, sizeof phone_index),
            seal_text(store, "outbox.phone", row, message->phone.e164, phone, sizeof phone),
            seal_text(store, "outbox.text", row, message->text, text, sizeof text),
            db_text(message->modem), db_int(message->request_id), db_int(message->class),
            db_int(message->state), db_int(message->created_ms), db_int(message->not_before_ms),
            db_int(message->expires_ms), db_int(message->attempts), db_int(message->refusals),
            db_int(message->replace), db_int(message->reference), db_int(message->sent_ms),
            db_int(message->window_ends_ms), db_int(message->done_ms), db_int(message->cause.kind),
            db_int(message->cause.code), db_text(message->only_modem), db_text(store->box));
    return db_run_int(st, ret_id);
}

enum cc_err outbox_discard(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM outbox WHERE id = $1 AND state = 0");
    db_bind_int(st, 1, id);
    return db_run_one(st);
}

static void read_plain(struct db_stmt *st, struct outbox_message *out)
{
    *out = (struct outbox_message){
        .id = db_column_int(st, 0),
        .request_id = db_column_int(st, 2),
        .class = (enum outbox_class)db_column_int(st, 3),
        .state = (enum outbox_state)db_column_int(st, 4),
        .created_ms = db_column_int(st, 7),
        .not_before_ms = db_column_int(st, 8),
        .expires_ms = db_column_int(st, 9),
        .attempts = db_column_int(st, 10),
        .crashes = db_column_int(st, 20),
        .refusals = db_column_int(st, 11),
        .replace = db_column_int(st, 12) != 0,
        .reference = db_column_int(st, 14),
        .sent_ms = db_column_int(st, 15),
        .window_ends_ms = db_column_int(st, 16),
        .done_ms = db_column_int(st, 17),
        .cause = {(enum gsm_cause_kind)db_column_int(st, 18), (int)db_column_int(st, 19)},
    };
    (void)snprintf(out->modem, sizeof out->modem, "%s", db_column_text(st, 13));
}

enum cc_err outbox_row_read(const struct store *store, struct db_stmt *st,
                            struct outbox_message *ret)
{
    uint8_t row[SEAL_ROW_BYTES];
    read_plain(st, ret);
    seal_copy_tag(st, 1, row);
    enum cc_err err =
        seal_column(store, st, 5, "outbox.phone", row, ret->phone.e164, sizeof ret->phone.e164);
    if (err == CC_OK && !db_column_is_null(st, 6))
        err = seal_column(store, st, 6, "outbox.text", row, ret->text, sizeof ret->text);
    return err;
}

static enum cc_err set_aside(struct store *store, int64_t id, int64_t now_ms)
{
    log_error("el mensaje %" PRId64 " no se puede descifrar; se da por rechazado", id);
    struct db_stmt *st = db_query(
        store->db, "UPDATE outbox SET state = 6, text = NULL, window_ends_ms = 0, done_ms = $1,"
                   " cause_kind = $2, cause_code = 0 WHERE id = $3");
    DB_BIND(st, 1, db_int(now_ms), db_int(GSM_CAUSE_LOCAL), db_int(id));
    return db_run_one(st);
}

struct question {
    const char *sql; /* $1 is now, $2 the box; $3 and $4, where the text has them, are as follows */
    const char *modem;
    const enum outbox_class *class;
};

static struct db_stmt *ask_row(struct store *store, const struct question *question, int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, question->sql);
    DB_BIND(st, 1, db_int(now_ms), db_text(store->box));
    if (question->modem != NULL)
        db_bind_text(st, 3, question->modem);
    if (question->class != NULL)
        db_bind_int(st, 4, (int64_t)*question->class);
    return st;
}

/* The first row that opens; those before it that do not are set aside. */
static enum cc_err first_readable(struct store *store, const struct question *question,
                                  int64_t now_ms, struct outbox_message *ret)
{
    for (;;) {
        struct outbox_message message;
        struct db_stmt *st = ask_row(store, question, now_ms);
        enum cc_err read = CC_ERR_NOT_FOUND;
        if (db_step(st))
            read = outbox_row_read(store, st, &message);
        enum cc_err err = db_finish_with(st, read);
        if (err == CC_OK)
            *ret = message;
        if (err != CC_ERR_CORRUPT)
            return err;
        err = set_aside(store, message.id, now_ms);
        if (err != CC_OK)
            return err;
    }
}

enum cc_err outbox_was_good(struct store *store, const struct outbox_message *message, bool *ret)
{
    uint8_t phone_index[SECRET_TAG_BYTES];
    int64_t last = (int64_t)OUTBOX_FAILED;
    seal_phone_index(store, message->phone.e164, phone_index);
    struct db_stmt *st =
        db_query(store->db, "SELECT state FROM outbox WHERE phone_index = $1 AND id <> $2"
                            " AND state IN (2, 3, 6) ORDER BY sent_ms DESC, id DESC LIMIT 1");
    DB_BIND(st, 1, db_blob(phone_index, sizeof phone_index), db_int(message->id));
    enum cc_err err = db_run_int(st, &last);
    if (err != CC_OK && err != CC_ERR_NOT_FOUND)
        return err;
    *ret = last != (int64_t)OUTBOX_FAILED;
    return CC_OK;
}

static enum cc_err anything_due(struct store *store, int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, "SELECT id FROM outbox WHERE state = 0"
                                             " AND not_before_ms <= $1 AND box = $2 LIMIT 1");
    int64_t id = 0;
    DB_BIND(st, 1, db_int(now_ms), db_text(store->box));
    return db_run_int(st, &id);
}

#define DUE_FOR_MODEM                                                                              \
    "SELECT " OUTBOX_COLUMNS " FROM outbox"                                                        \
    " WHERE done_ms = 0 AND state = 0 AND not_before_ms + 0 <= $1 AND expires_ms + 0 > $1"         \
    " AND box = $2 AND (avoid_until_ms <= $1 OR avoid <> $3) AND only_modem IN ('', $3)"

/*
 * Asked first whether there is any, since the second query walks over all that wait in order of
 * age. "+ 0" keeps the planner from a range of times, which would have to be sorted: the queue's
 * own index gives the order, and the times are in it.
 */
enum cc_err outbox_next(struct store *store, int64_t now_ms, const char *modem,
                        enum outbox_class first, struct outbox_message *ret)
{
    static const char any_class[] = DUE_FOR_MODEM " ORDER BY class, id LIMIT 1";
    static const char one_class[] = DUE_FOR_MODEM " AND class = $4 ORDER BY id LIMIT 1";
    enum cc_err err = anything_due(store, now_ms);
    if (err != CC_OK)
        return err;
    err = CC_ERR_NOT_FOUND;
    if (first != OUTBOX_CONTRACLAVE)
        err = first_readable(store,
                             &(struct question){.sql = one_class, .modem = modem, .class = &first},
                             now_ms, ret);
    if (err == CC_ERR_NOT_FOUND)
        err = first_readable(store, &(struct question){.sql = any_class, .modem = modem}, now_ms,
                             ret);
    return err;
}

enum cc_err outbox_count_taken(struct store *store, const char *modem, int64_t since_ms,
                               int64_t enough, int64_t *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT count(*) FROM (SELECT id FROM outbox WHERE modem = $1"
                            " AND sent_ms > 0 AND sent_ms >= $2 AND box = $3 LIMIT $4) AS t");
    DB_BIND(st, 1, db_text(modem), db_int(since_ms), db_text(store->box), db_int(enough));
    return db_run_int(st, ret);
}

enum cc_err outbox_nth_taken(struct store *store, const char *modem, int64_t n, int64_t *ret_ms)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT sent_ms FROM outbox WHERE modem = $1 AND sent_ms > 0"
                            " AND box = $2 ORDER BY sent_ms DESC LIMIT 1 OFFSET $3");
    DB_BIND(st, 1, db_text(modem), db_text(store->box), db_int(n - 1));
    return db_run_int(st, ret_ms);
}

enum cc_err outbox_window_closed(struct store *store, int64_t now_ms, struct outbox_message *ret)
{
    return first_readable(store,
                          &(struct question){.sql = "SELECT " OUTBOX_COLUMNS " FROM outbox"
                                                    " WHERE done_ms = 0 AND state = 5"
                                                    " AND window_ends_ms <= $1 AND box = $2"
                                                    " ORDER BY window_ends_ms LIMIT 1"},
                          now_ms, ret);
}

enum cc_err outbox_next_due(struct store *store, int64_t *ret_ms)
{
    struct db_stmt *st =
        db_query(store->db,
                 "SELECT min(due) FROM ("
                 "SELECT min(not_before_ms) AS due FROM outbox WHERE state = 0 AND box = $1"
                 " UNION ALL SELECT min(expires_ms) FROM outbox WHERE done_ms = 0 AND state = 5"
                 " UNION ALL SELECT min(window_ends_ms) FROM outbox WHERE done_ms = 0 AND state = 5"
                 " AND box = $1) AS t");
    db_bind_text(st, 1, store->box);
    int64_t due = INT64_MAX;
    if (db_step(st) && !db_column_is_null(st, 0))
        due = db_column_int(st, 0);
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_ms = due;
    return err;
}
