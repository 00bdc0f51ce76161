/* SPDX-License-Identifier: EUPL-1.2 */
/* Lists and counts of the outbox, for people. */
#include "store/outbox_list.h"

#include "store/outbox_row.h"
#include "store/seal.h"

#include <stdio.h>
#include <string.h>

enum cc_err outbox_list(struct store *store, int64_t max,
                        bool (*visit)(const struct outbox_message *, void *user), void *user)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT " OUTBOX_COLUMNS
                            " FROM outbox WHERE state <> 8 ORDER BY id DESC LIMIT $1");
    db_bind_int(st, 1, max);
    bool more = true;
    while (more && db_step(st)) {
        struct outbox_message message;
        /* An unreadable row is listed too, without its number: a person must see that it is there.
         */
        if (outbox_row_read(store, st, &message) != CC_OK)
            memset(&message.phone, 0, sizeof message.phone);
        secret_wipe(message.text, sizeof message.text);
        more = visit(&message, user);
    }
    return db_finish(st);
}

static void read_fate(struct db_stmt *st, struct outbox_fate *ret)
{
    *ret = (struct outbox_fate){.id = db_column_int(st, 5),
                                .state = (enum outbox_state)db_column_int(st, 0),
                                .created_ms = db_column_int(st, 1),
                                .sent_ms = db_column_int(st, 2),
                                .done_ms = db_column_int(st, 3)};
    (void)snprintf(ret->modem, sizeof(ret->modem), "%s", db_column_text(st, 4));
}

enum cc_err outbox_find_fate(struct store *store, int64_t id, struct outbox_fate *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT state, created_ms, sent_ms, done_ms, modem, id FROM outbox"
                            " WHERE id = $1 AND class IN (1, 2)");
    db_bind_int(st, 1, id);
    bool found = db_step(st);
    if (found)
        read_fate(st, ret);
    return db_finish_with(st, found ? CC_OK : CC_ERR_NOT_FOUND);
}

enum cc_err outbox_newest_to(struct store *store, const char *phone, int64_t *ret_ms)
{
    uint8_t phone_index[SECRET_TAG_BYTES];
    seal_phone_index(store, phone, phone_index);
    struct db_stmt *st = db_query(
        store->db, "SELECT coalesce(max(created_ms), 0) FROM outbox WHERE phone_index = $1");
    db_bind_blob(st, 1, phone_index, sizeof(phone_index));
    return db_run_int(st, ret_ms);
}

enum cc_err outbox_list_fates(struct store *store, int64_t before_id, int64_t max,
                              bool (*visit)(const struct outbox_fate *, void *user), void *user)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT state, created_ms, sent_ms, done_ms, modem, id FROM outbox"
                            " WHERE box = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    DB_BIND(st, 1, db_text(store->box), db_int(before_id), db_int(max));
    bool more = true;
    while (more && db_step(st)) {
        struct outbox_fate fate;
        read_fate(st, &fate);
        more = visit(&fate, user);
    }
    return db_finish(st);
}

enum cc_err outbox_count(struct store *store, enum outbox_state state, int64_t *ret)
{
    /* waiting and finished messages lie in an index each */
    struct db_stmt *st =
        db_query(store->db, "SELECT (SELECT count(*) FROM outbox WHERE done_ms = 0 AND state = $1)"
                            " + (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE done_ms > 0"
                            " AND state = $1 LIMIT $2) AS t) AS n");
    DB_BIND(st, 1, db_int(state), db_int(OUTBOX_COUNTED_MAX));
    return db_run_int(st, ret);
}

enum cc_err outbox_look_waiting(struct store *store, enum outbox_class class_,
                                struct outbox_waiting *ret)
{
    struct outbox_waiting waiting = {0};
    struct db_stmt *st = db_query(
        store->db, "SELECT count(*), coalesce(min(created_ms), 0), coalesce(min(expires_ms), 0)"
                   " FROM outbox WHERE done_ms = 0 AND state = 0 AND class = $1");
    db_bind_int(st, 1, (int64_t)class_);
    if (db_step(st))
        waiting = (struct outbox_waiting){db_column_int(st, 0), db_column_int(st, 1),
                                          db_column_int(st, 2)};
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret = waiting;
    return err;
}

enum cc_err outbox_oldest(struct store *store, int64_t *ret_ms, int64_t *ret_next_try_ms)
{
    int64_t oldest_ms = 0, next_ms = 0;
    struct db_stmt *st =
        db_query(store->db, "SELECT coalesce(min(created_ms), 0), coalesce(min(not_before_ms), 0)"
                            " FROM outbox WHERE done_ms = 0 AND state = 0 AND box = $1");
    db_bind_text(st, 1, store->box);
    if (db_step(st)) {
        oldest_ms = db_column_int(st, 0);
        next_ms = db_column_int(st, 1);
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK) {
        *ret_ms = oldest_ms;
        *ret_next_try_ms = next_ms;
    }
    return err;
}

enum cc_err outbox_list_taken(struct store *store, const char *modem,
                              const struct outbox_period *period, int64_t *ret_ms, size_t max,
                              size_t *ret_count)
{
    size_t count = 0;
    struct db_stmt *st =
        db_query(store->db, "SELECT sent_ms FROM (SELECT sent_ms FROM outbox WHERE modem = $1"
                            " AND sent_ms > 0 AND sent_ms > $2 AND sent_ms <= $3 AND box = $4"
                            " ORDER BY sent_ms DESC LIMIT $5) AS newest ORDER BY sent_ms");
    DB_BIND(st, 1, db_text(modem), db_int(period->after_ms), db_int(period->until_ms),
            db_text(store->box), db_int((int64_t)max));
    while (count < max && db_step(st))
        ret_ms[count++] = db_column_int(st, 0);
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_count = count;
    return err;
}

const char *outbox_state_token(enum outbox_state state)
{
    static const char *const tokens[] = {"en_cola",      "enviando", "enviado",   "entregado",
                                         "no_entregado", "incierto", "rechazado", "caducado"};
    size_t index = (size_t)state;
    return index < sizeof tokens / sizeof tokens[0] ? tokens[index] : "desconocido";
}

const char *outbox_class_token(enum outbox_class class_)
{
    static const char *const tokens[] = {"contraclave", "validacion", "aviso"};
    size_t index = (size_t)class_;
    return index < sizeof tokens / sizeof tokens[0] ? tokens[index] : "desconocido";
}

enum cc_err outbox_list_claimed(struct store *store, int64_t *ids, size_t max, size_t *ret_count)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT id FROM outbox WHERE done_ms = 0 AND state = 1 AND box = $1"
                            " LIMIT $2");
    size_t count = 0;
    DB_BIND(st, 1, db_text(store->box), db_int((int64_t)max));
    while (db_step(st))
        ids[count++] = db_column_int(st, 0);
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_count = count;
    return err;
}
