/* SPDX-License-Identifier: EUPL-1.2 */
/* Long messages while their parts arrive. What belongs together is decided in gsm/concat. */
#include "store/inbox.h"

#include "store/seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* The octet in front of the data: alphabet, language tables (0-3 each), is_cut, and whether the
     * length of the data is the next one and zeros fill it up, which older rows have not. */
    CODE_MASK = 3,
    CODE_SHIFT_BIT = 2,
    CODE_LOCKING_BIT = 4,
    CODE_CUT = 0x40,
    CODE_PADDED = 0x80,
    PART_PLAIN_MAX = 2 + GSM_CONCAT_DATA_MAX,
    PART_SEALED_MAX = PART_PLAIN_MAX + SECRET_SEAL_OVERHEAD,
    PART_ROW_BYTES = SEAL_ROW_BYTES + 1, /* the group's key and the index */
    STAMPS_APART_MS = 3600 * 1000,       /* a reference that comes later is used a second time */
};

/* An unfinished message as it is in the database. */
struct group {
    int64_t id;
    uint8_t row[SEAL_ROW_BYTES];
    struct inbox_message message;
    struct gsm_concat_set set;
    struct gsm_concat_part parts[GSM_CONCAT_MAX];
};

static void part_row(const struct group *group, uint8_t index, uint8_t out[PART_ROW_BYTES])
{
    memcpy(out, group->row, SEAL_ROW_BYTES);
    out[SEAL_ROW_BYTES] = index;
}

static void group_tag(const struct store *store, const char *modem,
                      const struct gsm_deliver *deliver, uint8_t out[SECRET_TAG_BYTES])
{
    char sender[INBOX_MODEM_SIZE + GSM_ADDR_SIZE];
    char key[32];
    int sender_len = snprintf(sender, sizeof sender, "%.32s\n%s", modem, deliver->from.text);
    int key_len = snprintf(key, sizeof key, "%u/%u", (unsigned)deliver->concat.reference,
                           (unsigned)deliver->concat.total);
    secret_tag(store->keys, SECRET_USE_INBOX, sender, (size_t)sender_len, key, (size_t)key_len,
               out);
}

/* ---- rows to a group --------------------------------------------------------------------------*/

/* A part that does not open is a missing one. */
static void read_part(const struct store *store, struct db_stmt *st, struct group *group)
{
    uint8_t row[PART_ROW_BYTES], plain[PART_PLAIN_MAX];
    size_t len = 0;
    struct gsm_concat_part part = {.index = (uint8_t)db_column_int(st, 0)};
    part_row(group, part.index, row);
    if (seal_open(store, st, 1, "inbox_parts.part", row, sizeof row, plain, sizeof plain, &len) !=
            CC_OK ||
        len == 0)
        return;
    part.alphabet = (enum gsm_alphabet)(plain[0] & CODE_MASK);
    part.language.shift = plain[0] >> CODE_SHIFT_BIT & CODE_MASK;
    part.language.locking = plain[0] >> CODE_LOCKING_BIT & CODE_MASK;
    part.is_cut = (plain[0] & CODE_CUT) != 0;
    if (part.is_cut)
        group->message.kind = INBOX_INCOMPLETE;
    size_t head = (plain[0] & CODE_PADDED) != 0 ? 2 : 1;
    part.len = head == 2 ? plain[1] : len - head;
    if (part.len > len - head || part.len > sizeof(part.data))
        return;
    memcpy(part.data, plain + head, part.len);
    (void)gsm_concat_add(&group->set, &part);
}

static enum cc_err load_parts(struct store *store, struct group *group)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT part_index, part FROM inbox_parts WHERE group_id = $1 ORDER BY"
                            " part_index");
    db_bind_int(st, 1, group->id);
    while (db_step(st))
        read_part(store, st, group);
    return db_finish(st);
}

#define GROUP_COLUMNS "id, row_key, modem, sender, total, sent_ms, received_ms"

static void read_group(const struct store *store, struct db_stmt *st, struct group *group)
{
    struct inbox_message *message = &group->message;
    group->id = db_column_int(st, 0);
    seal_copy_tag(st, 1, group->row);
    *message = (struct inbox_message){
        .kind = INBOX_MESSAGE,
        .sent_ms = db_column_int(st, 5),
        .received_ms = db_column_int(st, 6),
    };
    (void)snprintf(message->modem, sizeof message->modem, "%s", db_column_text(st, 2));
    if (seal_column(store, st, 3, "inbox_groups.sender", group->row, message->from,
                    sizeof message->from) != CC_OK)
        message->from[0] = '\0';
    gsm_concat_init(&group->set, (uint8_t)db_column_int(st, 4), group->parts, GSM_CONCAT_MAX);
}

/* Errors: CC_ERR_NOT_FOUND when the question has no row. */
static enum cc_err load_group(struct store *store, struct db_stmt *st, struct group *group)
{
    bool is_there = db_step(st);
    if (is_there)
        read_group(store, st, group);
    enum cc_err err = db_finish_with(st, is_there ? CC_OK : CC_ERR_NOT_FOUND);
    return err == CC_OK ? load_parts(store, group) : err;
}

/* ---- a part to its rows -----------------------------------------------------------------------*/

static enum cc_err insert_part(struct store *store, const struct group *group,
                               const struct gsm_concat_part *part)
{
    uint8_t row[PART_ROW_BYTES], plain[PART_PLAIN_MAX] = {0}, sealed[PART_SEALED_MAX];
    part_row(group, part->index, row);
    plain[0] =
        (uint8_t)((unsigned)part->alphabet | (unsigned)part->language.shift << CODE_SHIFT_BIT |
                  (unsigned)part->language.locking << CODE_LOCKING_BIT |
                  (part->is_cut ? (unsigned)CODE_CUT : 0U) | (unsigned)CODE_PADDED);
    plain[1] = (uint8_t)part->len;
    memcpy(plain + 2, part->data, part->len);
    secret_seal(store->keys, "inbox_parts.part", row, sizeof row, plain, sizeof plain, sealed);
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO inbox_parts (group_id, part_index, part) VALUES ($1, $2, $3)"
                   " ON CONFLICT (group_id, part_index) DO UPDATE SET part = excluded.part");
    DB_BIND(st, 1, db_int(group->id), db_int(part->index), db_blob(sealed, sizeof sealed));
    return db_run(st);
}

static enum cc_err insert_group(struct store *store, const char *modem,
                                const struct gsm_deliver *deliver, int64_t now_ms,
                                struct group *group)
{
    uint8_t tag[SECRET_TAG_BYTES], sender[GSM_ADDR_SIZE + SECRET_SEAL_OVERHEAD];
    struct inbox_message *message = &group->message;
    *message = (struct inbox_message){
        .kind = INBOX_MESSAGE, .sent_ms = deliver->sent_ms, .received_ms = now_ms};
    (void)snprintf(message->modem, sizeof message->modem, "%s", modem);
    (void)snprintf(message->from, sizeof message->from, "%s", deliver->from.text);
    gsm_concat_init(&group->set, deliver->concat.total, group->parts, GSM_CONCAT_MAX);
    secret_random(group->row, sizeof group->row);
    group_tag(store, modem, deliver, tag);
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO inbox_groups (row_key, tag, modem, sender, total, sent_ms,"
                            " received_ms, box) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                            " RETURNING id");
    DB_BIND(
        st, 1, db_blob(group->row, sizeof group->row), db_blob(tag, sizeof tag),
        db_text(message->modem),
        seal_text(store, "inbox_groups.sender", group->row, message->from, sender, sizeof sender),
        db_int(deliver->concat.total), db_int(deliver->sent_ms), db_int(now_ms),
        db_text(store->box));
    return db_run_int(st, &group->id);
}

static enum cc_err delete_group(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM inbox_parts WHERE group_id = $1");
    db_bind_int(st, 1, id);
    enum cc_err err = db_run(st);
    if (err != CC_OK)
        return err;
    st = db_query(store->db, "DELETE FROM inbox_groups WHERE id = $1");
    db_bind_int(st, 1, id);
    return db_run_one(st);
}

/* ---- finding the group of a part --------------------------------------------------------------*/

static bool is_near(const struct group *group, const struct gsm_deliver *deliver)
{
    int64_t apart_ms = group->message.sent_ms - deliver->sent_ms;
    return group->message.sent_ms == 0 || deliver->sent_ms == 0 ||
           (apart_ms >= -STAMPS_APART_MS && apart_ms <= STAMPS_APART_MS);
}

/* The nearest in time that lacks this part, or has it already. Errors: CC_ERR_NOT_FOUND: a new one
 * begins. */
static enum cc_err find_group(struct store *store, const char *modem,
                              const struct gsm_deliver *deliver, const struct gsm_concat_part *part,
                              struct group *group, enum gsm_concat_verdict *ret)
{
    uint8_t tag[SECRET_TAG_BYTES];
    group_tag(store, modem, deliver, tag);
    for (int64_t seen = 0;; ++seen) {
        struct db_stmt *st =
            db_query(store->db, "SELECT " GROUP_COLUMNS " FROM inbox_groups WHERE tag = $1"
                                " AND box = $2 ORDER BY abs(sent_ms - $3), id DESC"
                                " LIMIT 1 OFFSET $4");
        DB_BIND(st, 1, db_blob(tag, sizeof tag), db_text(store->box), db_int(deliver->sent_ms),
                db_int(seen));
        enum cc_err err = load_group(store, st, group);
        if (err != CC_OK)
            return err;
        *ret = is_near(group, deliver) ? gsm_concat_add(&group->set, part) : GSM_CONCAT_OTHER;
        if (*ret == GSM_CONCAT_NEW || *ret == GSM_CONCAT_AGAIN)
            return CC_OK;
    }
}

/* Its message out of the tables. */
static enum cc_err take_part(struct store *store, struct group *group, struct buf *text,
                             struct inbox_message *ret)
{
    gsm_concat_text(&group->set, text);
    *ret = group->message;
    ret->parts = (int64_t)group->set.count;
    ret->text = buf_cstr(text);
    if (ret->text == NULL)
        return CC_ERR_NO_SPACE;
    return delete_group(store, group->id);
}

static enum cc_err add_part(struct store *store, const char *modem,
                            const struct gsm_deliver *deliver, int64_t now_ms, struct group *group,
                            struct buf *text, struct inbox_message *ret)
{
    struct gsm_concat_part part = {.index = deliver->concat.index,
                                   .alphabet = deliver->alphabet,
                                   .language = deliver->language,
                                   .is_cut = deliver->is_cut,
                                   .len = deliver->data_len};
    enum gsm_concat_verdict verdict = GSM_CONCAT_REFUSED;
    memcpy(part.data, deliver->data, sizeof part.data);
    enum cc_err err = find_group(store, modem, deliver, &part, group, &verdict);
    if (err == CC_ERR_NOT_FOUND) {
        err = insert_group(store, modem, deliver, now_ms, group);
        verdict = gsm_concat_add(&group->set, &part);
    }
    if (err == CC_OK && verdict == GSM_CONCAT_NEW)
        err = insert_part(store, group, &part);
    if (err != CC_OK)
        return err;
    if (part.is_cut)
        group->message.kind = INBOX_INCOMPLETE;
    return gsm_concat_is_complete(&group->set) ? take_part(store, group, text, ret)
                                               : CC_ERR_NOT_FOUND;
}

enum cc_err inbox_add_part(struct store *store, const char *modem,
                           const struct gsm_deliver *deliver, int64_t now_ms, struct buf *text,
                           struct inbox_message *ret)
{
    struct group *group = calloc(1, sizeof *group);
    if (group == NULL)
        return CC_ERR_MEMORY;
    enum cc_err err = add_part(store, modem, deliver, now_ms, group, text, ret);
    secret_wipe(group, sizeof *group);
    free(group);
    return err;
}

enum cc_err inbox_take_unfinished(struct store *store, int64_t before_ms, struct buf *text,
                                  struct inbox_message *ret)
{
    struct group *group = calloc(1, sizeof *group);
    if (group == NULL)
        return CC_ERR_MEMORY;
    struct db_stmt *st =
        db_query(store->db, "SELECT " GROUP_COLUMNS " FROM inbox_groups WHERE box = $1"
                            " AND (received_ms < $2 OR (SELECT count(*) FROM inbox_groups"
                            " WHERE box = $1) > $3) ORDER BY id LIMIT 1");
    DB_BIND(st, 1, db_text(store->box), db_int(before_ms), db_int(INBOX_GROUPS_KEPT));
    enum cc_err err = load_group(store, st, group);
    if (err == CC_OK)
        err = take_part(store, group, text, ret);
    if (err == CC_OK)
        ret->kind = INBOX_INCOMPLETE;
    secret_wipe(group, sizeof *group);
    free(group);
    return err;
}
