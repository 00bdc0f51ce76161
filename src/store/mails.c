/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/mails.h"

#include "base/buf.h"
#include "base/log.h"
#include "store/seal.h"

#include <inttypes.h>
#include <string.h>

enum {
    PLAIN_MAX = SEAL_PADDED(1 + EMAIL_SIZE + MAIL_VALUE_SIZE, SEAL_PAD_ROW),
    SEALED_MAX = PLAIN_MAX + SECRET_SEAL_OVERHEAD,
    BINDING_BYTES = MAIL_ID_BYTES + MAIL_OWNER_BYTES + 3 * 8,
    SWEPT = 500,
};

#define COLUMNS                                                                                    \
    "id, message_id, kind, state, owner, created_ms, not_before_ms, expires_ms, attempts,"         \
    " refusals, done_ms, reply, sealed"

static const char sealed_column[] = "mails.sealed";

/* The part of a row that never changes. */
static void make_binding(const struct mail *mail, uint8_t ret[BINDING_BYTES])
{
    struct buf b;
    buf_init(&b, ret, BINDING_BYTES);
    buf_put(&b, mail->message_id, MAIL_ID_BYTES);
    buf_put(&b, mail->owner, MAIL_OWNER_BYTES);
    buf_le64(&b, (uint64_t)mail->kind);
    buf_le64(&b, (uint64_t)mail->created_ms);
    buf_le64(&b, (uint64_t)mail->expires_ms);
}

static struct db_value seal_plain(const struct store *store, const struct mail *mail,
                                  uint8_t sealed[SEALED_MAX])
{
    uint8_t plain[PLAIN_MAX], binding[BINDING_BYTES];
    struct buf b;
    buf_init(&b, plain, sizeof(plain));
    buf_byte(&b, (uint8_t)mail->lang);
    buf_put(&b, mail->to.text, strlen(mail->to.text) + 1);
    buf_put(&b, mail->value, strlen(mail->value) + 1);
    seal_pad(&b, SEAL_PAD_ROW);
    make_binding(mail, binding);
    secret_seal(store->keys, sealed_column, binding, sizeof(binding), plain, b.len, sealed);
    secret_wipe(plain, sizeof(plain));
    return db_blob(sealed, b.len + SECRET_SEAL_OVERHEAD);
}

static void read_plain(struct db_stmt *st, struct mail *ret)
{
    *ret = (struct mail){
        .id = db_column_int(st, 0),
        .kind = (enum mail_kind)db_column_int(st, 2),
        .state = (enum mail_state)db_column_int(st, 3),
        .created_ms = db_column_int(st, 5),
        .not_before_ms = db_column_int(st, 6),
        .expires_ms = db_column_int(st, 7),
        .attempts = db_column_int(st, 8),
        .refusals = db_column_int(st, 9),
        .done_ms = db_column_int(st, 10),
        .reply = (int)db_column_int(st, 11),
    };
    seal_copy_tag(st, 1, ret->message_id);
    seal_copy_tag(st, 4, ret->owner);
}

static enum cc_err read_sealed(const struct store *store, struct db_stmt *st, struct mail *ret)
{
    char plain[PLAIN_MAX];
    uint8_t binding[BINDING_BYTES];
    size_t len = 0;
    make_binding(ret, binding);
    bool fits = seal_open(store, st, 12, sealed_column, binding, sizeof(binding), plain,
                          sizeof(plain), &len) == CC_OK &&
                len > 1 && (unsigned char)plain[0] < TEXT_LANG_COUNT && ret->kind < MAIL_KINDS;
    const char *at = plain + 1, *end = plain + len;
    fits = fits && seal_take_text(&at, end, ret->to.text, sizeof(ret->to.text)) &&
           seal_take_text(&at, end, ret->value, sizeof(ret->value)) && seal_is_padding(at, end);
    if (fits)
        ret->lang = (enum text_lang)plain[0];
    secret_wipe(plain, sizeof(plain));
    return fits ? CC_OK : CC_ERR_ALTERED;
}

enum cc_err mails_count_open(struct store *store, int64_t *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT count(*) FROM mails WHERE done_ms = 0 AND box = $1");
    db_bind_text(st, 1, store->box);
    return db_run_int(st, ret);
}

enum cc_err mails_insert(struct store *store, struct mail *mail)
{
    uint8_t sealed[SEALED_MAX];
    int64_t open = 0;
    enum cc_err err = mails_count_open(store, &open);
    if (err != CC_OK || open >= MAILS_OPEN_MAX)
        return err != CC_OK ? err : CC_ERR_MAILS_WAITING;
    secret_random(mail->message_id, sizeof(mail->message_id));
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO mails (box, message_id, kind, state, owner, created_ms,"
                   " not_before_ms, expires_ms, attempts, refusals, done_ms, reply, sealed)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, $9) RETURNING id");
    DB_BIND(st, 1, db_text(store->box), db_blob(mail->message_id, MAIL_ID_BYTES),
            db_int(mail->kind), db_int(mail->state), db_blob(mail->owner, MAIL_OWNER_BYTES),
            db_int(mail->created_ms), db_int(mail->not_before_ms), db_int(mail->expires_ms),
            seal_plain(store, mail, sealed));
    return db_run_int(st, &mail->id);
}

static enum cc_err set_aside(struct store *store, int64_t id, int64_t now_ms)
{
    log_error("el correo %" PRId64 " ha sido cambiado sin la clave maestra y no se envía", id);
    struct db_stmt *st = db_query(
        store->db, "UPDATE mails SET state = $1, sealed = NULL, done_ms = $2 WHERE id = $3");
    DB_BIND(st, 1, db_int(MAIL_REFUSED), db_int(now_ms), db_int(id));
    return db_run_one(st);
}

enum cc_err mails_next(struct store *store, int64_t now_ms, struct mail *ret)
{
    for (;;) {
        struct db_stmt *st =
            db_query(store->db, "SELECT " COLUMNS " FROM mails WHERE done_ms = 0 AND box = $1"
                                " AND state <> 1 AND not_before_ms <= $2 AND expires_ms > $2"
                                " ORDER BY not_before_ms, id LIMIT 1");
        DB_BIND(st, 1, db_text(store->box), db_int(now_ms));
        enum cc_err err = CC_ERR_NOT_FOUND;
        if (db_step(st)) {
            read_plain(st, ret);
            err = read_sealed(store, st, ret);
        }
        err = db_finish_with(st, err);
        if (err != CC_ERR_ALTERED)
            return err;
        err = set_aside(store, ret->id, now_ms);
        if (err != CC_OK)
            return err;
    }
}

enum cc_err mails_claim(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "UPDATE mails SET state = 1, attempts = attempts + 1"
                                             " WHERE id = $1 AND state <> 1 AND done_ms = 0");
    db_bind_int(st, 1, id);
    return db_run_one(st);
}

enum cc_err mails_settle(struct store *store, const struct mail *mail)
{
    struct db_stmt *st =
        mail->done_ms == 0
            ? db_query(store->db, "UPDATE mails SET state = $1, not_before_ms = $2, refusals = $3,"
                                  " reply = $4, done_ms = $5 WHERE id = $6 AND state = 1")
            : db_query(store->db, "UPDATE mails SET state = $1, not_before_ms = $2, refusals = $3,"
                                  " reply = $4, done_ms = $5, sealed = NULL"
                                  " WHERE id = $6 AND state = 1");
    DB_BIND(st, 1, db_int(mail->state), db_int(mail->not_before_ms), db_int(mail->refusals),
            db_int(mail->reply), db_int(mail->done_ms), db_int(mail->id));
    return db_run_one(st);
}

/* A mail that is being sent ends here too: mails_settle() then finds nothing to settle. */
enum cc_err mails_withdraw(struct store *store, const uint8_t owner[MAIL_OWNER_BYTES],
                           enum mail_kind first, enum mail_kind last, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE mails SET state = 6, sealed = NULL, done_ms = $1"
                            " WHERE owner = $2 AND kind >= $3 AND kind <= $4 AND done_ms = 0");
    DB_BIND(st, 1, db_int(now_ms), db_blob(owner, MAIL_OWNER_BYTES), db_int(first), db_int(last));
    return db_run(st);
}

enum cc_err mails_recover(struct store *store, int64_t not_before_ms, int64_t *ret_count)
{
    struct db_stmt *st = db_query(store->db, "UPDATE mails SET state = 3, not_before_ms = $1"
                                             " WHERE done_ms = 0 AND state = 1 AND box = $2");
    DB_BIND(st, 1, db_int(not_before_ms), db_text(store->box));
    return db_run_count(st, ret_count);
}

enum cc_err mails_sweep(struct store *store, int64_t now_ms, int64_t kept_since_ms)
{
    struct db_stmt *st = db_query(
        store->db, "UPDATE mails SET state = CASE WHEN state = 0 THEN 6 ELSE state END,"
                   " sealed = NULL, done_ms = $1 WHERE id IN (SELECT id FROM mails"
                   " WHERE done_ms = 0 AND box = $2 AND state <> 1 AND expires_ms <= $1 LIMIT $3)");
    DB_BIND(st, 1, db_int(now_ms), db_text(store->box), db_int(SWEPT));
    enum cc_err err = db_run(st);
    if (err != CC_OK)
        return err;
    st = db_query(store->db, "DELETE FROM mails WHERE id IN (SELECT id FROM mails"
                             " WHERE done_ms > 0 AND done_ms < $1 ORDER BY done_ms LIMIT $2)");
    DB_BIND(st, 1, db_int(kept_since_ms), db_int(SWEPT));
    return db_run(st);
}

enum cc_err mails_next_due(struct store *store, int64_t *ret_ms)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT not_before_ms FROM mails WHERE done_ms = 0 AND box = $1"
                            " AND state <> 1 ORDER BY not_before_ms LIMIT 1");
    db_bind_text(st, 1, store->box);
    enum cc_err err = db_run_int(st, ret_ms);
    if (err == CC_ERR_NOT_FOUND)
        *ret_ms = INT64_MAX;
    return err_allow_absent(err);
}

enum cc_err mails_find_waiting(struct store *store, enum mail_kind kind, bool *ret)
{
    int64_t id = 0;
    struct db_stmt *st = db_query(
        store->db, "SELECT id FROM mails WHERE done_ms = 0 AND box = $1 AND kind = $2 LIMIT 1");
    DB_BIND(st, 1, db_text(store->box), db_int(kind));
    enum cc_err err = db_run_int(st, &id);
    *ret = err == CC_OK;
    return err_allow_absent(err);
}

enum cc_err mails_find(struct store *store, const uint8_t message_id[MAIL_ID_BYTES],
                       struct mail *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT " COLUMNS " FROM mails WHERE message_id = $1");
    db_bind_blob(st, 1, message_id, MAIL_ID_BYTES);
    bool found = db_step(st);
    if (found)
        read_plain(st, ret);
    return db_finish_with(st, found ? CC_OK : CC_ERR_NOT_FOUND);
}

enum cc_err mails_return(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE mails SET state = 5, sealed = NULL,"
                            " done_ms = CASE WHEN done_ms = 0 THEN $1 ELSE done_ms END"
                            " WHERE id = $2 AND state IN (2, 3)");
    DB_BIND(st, 1, db_int(now_ms), db_int(id));
    return db_run_one(st);
}

/* A sealed part is bound to the owner of its mail: only mails that have ended move. */
enum cc_err mails_move(struct store *store, const uint8_t from[MAIL_OWNER_BYTES],
                       const uint8_t to[MAIL_OWNER_BYTES])
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE mails SET owner = $1 WHERE owner = $2 AND sealed IS NULL");
    DB_BIND(st, 1, db_blob(to, MAIL_OWNER_BYTES), db_blob(from, MAIL_OWNER_BYTES));
    return db_run(st);
}
