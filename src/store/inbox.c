/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/inbox.h"

#include "store/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEALED_TEXT_MAX = INBOX_TEXT_SIZE + SECRET_SEAL_OVERHEAD };

/* The service centre's own number may change on the way again: the message is behind it. */
static size_t behind_smsc(const uint8_t *pdu, size_t len)
{
    return len > 0 && pdu[0] < len ? 1U + pdu[0] : 0;
}

/* By the ids, which grow by one: what a modem shows without end must not make this slow. */
static enum cc_err forget_oldest(struct store *store)
{
    struct db_stmt *st = db_query(
        store->db, "DELETE FROM inbox_seen WHERE id <= (SELECT max(id) FROM inbox_seen) - $1");
    db_bind_int(st, 1, INBOX_SEEN_KEPT);
    return db_run(st);
}

enum cc_err inbox_meet(struct store *store, const char *modem, const uint8_t *pdu, size_t len,
                       int64_t now_ms, bool *ret_new)
{
    uint8_t tag[SECRET_TAG_BYTES];
    size_t start = behind_smsc(pdu, len);
    secret_tag(store->keys, SECRET_USE_INBOX, modem, strlen(modem), pdu + start, len - start, tag);
    struct db_stmt *st = db_query(store->db, "INSERT INTO inbox_seen (tag, seen_ms, box)"
                                             " VALUES ($1, $2, $3)"
                                             " ON CONFLICT (tag, box) DO NOTHING");
    DB_BIND(st, 1, db_blob(tag, sizeof tag), db_int(now_ms), db_text(store->box));
    int64_t count = 0;
    enum cc_err err = db_run_count(st, &count);
    if (err != CC_OK)
        return err;
    *ret_new = count > 0;
    return *ret_new ? forget_oldest(store) : CC_OK;
}

static enum cc_err drop_beyond(struct store *store)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE box = $1"
                            " AND id NOT IN (SELECT max(id) FROM inbox WHERE kind = 1"
                            " AND read_ms = 0 AND box = $1 GROUP BY modem)"
                            " ORDER BY id DESC LIMIT 100 OFFSET $2)");
    DB_BIND(st, 1, db_text(store->box), db_int(INBOX_KEPT));
    return db_run(st);
}

static enum cc_err insert_message(struct store *store, const struct inbox_message *message,
                                  uint8_t *sealed_text, int64_t *ret_id)
{
    uint8_t row[SEAL_ROW_BYTES], from[GSM_ADDR_SIZE + SECRET_SEAL_OVERHEAD];
    secret_random(row, sizeof row);
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO inbox (row_key, modem, kind, sender, text, parts, sent_ms,"
                   " received_ms, read_ms, box) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
                   " RETURNING id");
    DB_BIND(st, 1, db_blob(row, sizeof row), db_text(message->modem), db_int(message->kind),
            seal_text(store, "inbox.sender", row, message->from, from, sizeof from),
            seal_text(store, "inbox.text", row, message->text, sealed_text, SEALED_TEXT_MAX),
            db_int(message->parts), db_int(message->sent_ms), db_int(message->received_ms),
            db_int(message->read_ms), db_text(store->box));
    return db_run_int(st, ret_id);
}

enum cc_err inbox_insert(struct store *store, const struct inbox_message *message, int64_t *ret_id)
{
    uint8_t *sealed_text = malloc(SEALED_TEXT_MAX);
    if (sealed_text == NULL)
        return CC_ERR_MEMORY;
    enum cc_err err = insert_message(store, message, sealed_text, ret_id);
    free(sealed_text);
    return err == CC_OK ? drop_beyond(store) : err;
}

static void read_row(const struct store *store, struct db_stmt *st, char *text,
                     struct inbox_message *ret)
{
    uint8_t row[SEAL_ROW_BYTES];
    *ret = (struct inbox_message){
        .id = db_column_int(st, 0),
        .kind = (enum inbox_kind)db_column_int(st, 3),
        .text = text,
        .parts = db_column_int(st, 6),
        .sent_ms = db_column_int(st, 7),
        .received_ms = db_column_int(st, 8),
        .read_ms = db_column_int(st, 9),
    };
    seal_copy_tag(st, 1, row);
    (void)snprintf(ret->modem, sizeof ret->modem, "%s", db_column_text(st, 2));
    if (seal_column(store, st, 4, "inbox.sender", row, ret->from, sizeof ret->from) == CC_OK &&
        seal_column(store, st, 5, "inbox.text", row, text, INBOX_TEXT_SIZE) == CC_OK)
        return;
    ret->kind = INBOX_UNREADABLE;
    ret->from[0] = text[0] = '\0';
}

enum cc_err inbox_list(struct store *store, int64_t max,
                       bool (*visit)(const struct inbox_message *message, void *user), void *user)
{
    char *text = malloc(INBOX_TEXT_SIZE);
    if (text == NULL)
        return CC_ERR_MEMORY;
    struct db_stmt *st = db_query(
        store->db, "SELECT id, row_key, modem, kind, sender, text, parts, sent_ms,"
                   " received_ms, read_ms FROM inbox WHERE box = $1 ORDER BY id DESC LIMIT $2");
    DB_BIND(st, 1, db_text(store->box), db_int(max));
    bool more = true;
    while (more && db_step(st)) {
        struct inbox_message message;
        read_row(store, st, text, &message);
        more = visit(&message, user);
    }
    secret_wipe(text, INBOX_TEXT_SIZE);
    free(text);
    return db_finish(st);
}

enum cc_err inbox_mark_read(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, id == 0 ? "UPDATE inbox SET read_ms = $1 WHERE box = $2 AND read_ms = 0"
                                    : "UPDATE inbox SET read_ms = $1 WHERE box = $2 AND id = $3");
    DB_BIND(st, 1, db_int(now_ms), db_text(store->box));
    if (id == 0)
        return db_run(st);
    db_bind_int(st, 3, id);
    return db_run_one(st);
}

enum cc_err inbox_mark_balance_read(struct store *store, const char *modem, int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, "UPDATE inbox SET read_ms = $1"
                                             " WHERE kind = 1 AND read_ms = 0 AND modem = $2"
                                             " AND box = $3");
    DB_BIND(st, 1, db_int(now_ms), db_text(modem), db_text(store->box));
    return db_run(st);
}

enum cc_err inbox_count_unread(struct store *store, int64_t *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT count(*) FROM inbox WHERE read_ms = 0 AND box = $1");
    db_bind_text(st, 1, store->box);
    return db_run_int(st, ret);
}

enum cc_err inbox_balance_alarm_since(struct store *store, const char *modem, int64_t *ret_ms)
{
    struct db_stmt *st = db_query(
        store->db, "SELECT coalesce(min(received_ms), 0) FROM inbox WHERE kind = 1 AND read_ms = 0"
                   " AND modem = $1 AND box = $2");
    DB_BIND(st, 1, db_text(modem), db_text(store->box));
    return db_run_int(st, ret_ms);
}

const char *inbox_kind_token(enum inbox_kind kind)
{
    static const char *const tokens[] = {"mensaje", "aviso_saldo", "incompleto", "ilegible"};
    size_t index = (size_t)kind;
    return index < sizeof tokens / sizeof tokens[0] ? tokens[index] : "desconocido";
}
