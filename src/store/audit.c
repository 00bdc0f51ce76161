/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows are numbered 1, 2, 3, …; the tag of each covers the tag before it; audit_trim() takes the
 * first ones away. The head in meta is bound to the tag of the last row, so that rows cut off at
 * the end are missed too. The end of the chain is kept in memory, and read again whenever something
 * was rolled back.
 */
#include "store/audit.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/secret_old.h"
#include "store/audit_ip.h"
#include "store/citizens_row.h"
#include "store/db_ahead.h"
#include "store/meta.h"
#include "store/schema.h"
#include "store/seal.h"

#include <inttypes.h>
#include <string.h>

enum { ROW_TEXT_MAX = 512 };

struct audit_row {
    int64_t id;
    int64_t at_ms;
    const char *event;
    const char *actor;
    const uint8_t *subject; /* NULL = none */
    const char *result;
    int64_t reference;
    struct audit_ip ip;
};

/* The tag of a row in its place. Errors: CC_ERR_NO_SPACE (its words are too long to be tokens). */
static enum cc_err chain_tag(const struct store *store, const uint8_t previous[SECRET_TAG_BYTES],
                             const struct audit_row *row, uint8_t out[SECRET_TAG_BYTES])
{
    const char *const words[] = {row->event, row->actor, row->result};
    uint8_t text[ROW_TEXT_MAX];
    struct buf b;
    buf_init(&b, text, sizeof text);
    buf_le64(&b, (uint64_t)row->id);
    buf_le64(&b, (uint64_t)row->at_ms);
    buf_le64(&b, (uint64_t)row->reference);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; ++i)
        buf_put(&b, words[i], strlen(words[i]) + 1); /* the terminator parts them */
    if (row->subject)
        buf_put(&b, row->subject, SECRET_TAG_BYTES);
    if (row->ip.len > 0) {
        uint8_t ip[SECRET_TAG_BYTES];
        audit_ip_tag(store, &row->ip, ip);
        buf_put(&b, "ip", sizeof "ip"); /* no subject is so long */
        buf_put(&b, ip, sizeof ip);
    }
    if (!buf_ok(&b))
        return CC_ERR_NO_SPACE;
    secret_tag(store->keys, SECRET_USE_AUDIT, previous, SECRET_TAG_BYTES, b.data, b.len, out);
    return CC_OK;
}

static enum cc_err read_tail(struct store *store)
{
    struct audit_tail tail = {.rollbacks = db_rollbacks(store->db)};
    struct db_stmt *st = db_query(store->db, "SELECT id, tag FROM audit ORDER BY id DESC LIMIT 1");
    if (db_step(st)) {
        tail.id = db_column_int(st, 0);
        seal_copy_tag(st, 1, tail.tag);
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        store->audit_tail = tail;
    return err;
}

enum cc_err audit_find_row(struct store *store, int64_t id, const uint8_t tag[SECRET_TAG_BYTES],
                           bool *ret)
{
    uint8_t stored[SECRET_TAG_BYTES];
    struct audit_tail start = {.id = 0};
    enum cc_err err = audit_read_start(store, &start);
    if (err != CC_OK)
        return err;
    struct db_stmt *st = db_query(store->db, "SELECT tag FROM audit WHERE id = $1");
    db_bind_int(st, 1, id);
    err = seal_run_tag(st, stored);
    if (err == CC_OK)
        *ret = secret_tag_equal(stored, tag);
    else if (err == CC_ERR_NOT_FOUND)
        *ret = id == 0 || id < start.id || (id == start.id && secret_tag_equal(start.tag, tag));
    return err_allow_absent(err);
}

/* All that audit_refresh() reads is asked for at once. */
static void ask_ahead(struct store *store)
{
    struct audit_tail tail = store->audit_tail;
    struct head head = {0};
    bool fits = false;
    if (!db_ask_ahead(store->db, true))
        return;
    bool is_asked = read_tail(store) == CC_OK &&
                    audit_find_row(store, store->audit_committed.id, store->audit_committed.tag,
                                   &fits) == CC_OK &&
                    head_read(store, tail.tag, &head, &fits) == CC_OK;
    (void)is_asked; /* the rest will be asked alone */
    store->audit_tail = tail;
    (void)db_ask_ahead(store->db, false);
}

/* After something was rolled back. What comes behind a cut never chains: the break stays to be
 * seen. */
static enum cc_err read_tail_again(struct store *store)
{
    bool fits = false;
    enum cc_err err = read_tail(store);
    if (err == CC_OK)
        err = audit_find_row(store, store->audit_committed.id, store->audit_committed.tag, &fits);
    if (err == CC_OK && !fits) {
        log_error("alguien ha quitado o cambiado filas del registro de auditoría con el programa "
                  "en marcha");
        store->audit_tail.tag[0] ^= 0xFF;
        store->audit_committed = (struct audit_tail){0}; /* said once */
        integrity_add(store, INTEGRITY_AUDIT);
    }
    return err;
}

enum cc_err audit_refresh(struct store *store)
{
    if (store->audit_tail.rollbacks == db_rollbacks(store->db))
        return CC_OK;
    ask_ahead(store);
    enum cc_err err = read_tail_again(store);
    return err == CC_OK && db_is_shared(store->db) ? head_refresh(store) : err;
}

static enum cc_err write_row(struct store *store, const struct audit_row *row,
                             const uint8_t tag[SECRET_TAG_BYTES])
{
    struct db_stmt *st = db_query(store->db, "INSERT INTO audit (id, at_ms, event, actor, subject,"
                                             " result, reference, tag, ip)"
                                             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    DB_BIND(st, 1, db_int(row->id), db_int(row->at_ms), db_text(row->event), db_text(row->actor),
            row->subject != NULL ? db_blob(row->subject, SECRET_TAG_BYTES) : db_null(),
            db_text(row->result), db_int(row->reference), db_blob(tag, SECRET_TAG_BYTES),
            audit_ip_value(&row->ip));
    return db_run_later(st);
}

static enum cc_err append_row(struct store *store, const struct audit_entry *entry, int64_t now_ms,
                              int64_t *ret_id)
{
    uint8_t made[SECRET_TAG_BYTES];
    const uint8_t *subject = entry->subject_index;
    if (!subject && entry->subject) {
        seal_nif_index(store, entry->subject, made);
        subject = made;
    }
    struct audit_tail tail = store->audit_tail;
    struct audit_row row = {.id = ++tail.id,
                            .at_ms = now_ms,
                            .event = entry->event,
                            .actor = entry->actor,
                            .subject = subject,
                            .result = entry->result,
                            .reference = entry->reference};
    audit_ip_seal(store, row.id, row.at_ms, entry->address, &row.ip);
    enum cc_err err = chain_tag(store, store->audit_tail.tag, &row, tail.tag);
    if (err == CC_OK)
        err = write_row(store, &row, tail.tag);
    if (err != CC_OK)
        return err;
    store->head.is_stale = true;
    store->audit_tail = tail;
    if (ret_id)
        *ret_id = row.id;
    return CC_OK;
}

/* Row and head are written together or not at all, or a crash would look like a row cut off. A
 * break is chained to a tag that no row has. */
static enum cc_err append_entry(struct store *store, const struct audit_entry *entry,
                                int64_t now_ms, bool is_break, int64_t *ret_id)
{
    bool is_alone = false;
    enum cc_err err = store_begin_alone(store, &is_alone);
    if (err != CC_OK)
        return err;
    err = audit_refresh(store);
    if (is_break)
        store->audit_tail.tag[0] ^= 0xFF;
    if (err == CC_OK)
        err = append_row(store, entry, now_ms, ret_id);
    return store_end_alone(store, is_alone, err);
}

enum cc_err audit_append(struct store *store, const struct audit_entry *entry, int64_t now_ms,
                         int64_t *ret_id)
{
    return append_entry(store, entry, now_ms, false, ret_id);
}

enum cc_err audit_close(struct store *store)
{
    if (!store->head.is_stale)
        return CC_OK;
    enum cc_err err = audit_refresh(store);
    return err == CC_OK ? head_write(store, store->audit_tail.tag) : err;
}

/* The rows behind one; a copy that an older version has left has no addresses. */
static struct db_stmt *query_rows(struct store *store, int64_t after, int64_t most)
{
    static const char with_ip[] = "SELECT id, at_ms, event, actor, subject, result, reference, tag,"
                                  " ip FROM audit WHERE id > $1 ORDER BY id LIMIT $2";
    static const char without[] = "SELECT id, at_ms, event, actor, subject, result, reference, tag,"
                                  " NULL AS ip FROM audit WHERE id > $1 ORDER BY id LIMIT $2";
    bool has_ip = db_user_version(store->db) >= SCHEMA_AUDIT_IP;
    struct db_stmt *st = db_query(store->db, has_ip ? with_ip : without);
    DB_BIND(st, 1, db_int(after), db_int(most));
    return st;
}

/* The row that st stands on, whose texts live until its next step; subject holds that of the row.
 */
static struct audit_row read_row(struct db_stmt *st, uint8_t subject[SECRET_TAG_BYTES])
{
    struct audit_row row = {.id = db_column_int(st, 0),
                            .at_ms = db_column_int(st, 1),
                            .event = db_column_text(st, 2),
                            .actor = db_column_text(st, 3),
                            .result = db_column_text(st, 5),
                            .reference = db_column_int(st, 6)};
    audit_ip_read(st, 8, &row.ip);
    if (!db_column_is_null(st, 4)) {
        seal_copy_tag(st, 4, subject);
        row.subject = subject;
    }
    return row;
}

/* Whether the row that st stands on is the one after `tail`, and moves tail to it. */
static bool follows_tail(const struct store *store, struct db_stmt *st, struct audit_tail *tail)
{
    uint8_t stored[SECRET_TAG_BYTES], expected[SECRET_TAG_BYTES], subject[SECRET_TAG_BYTES];
    struct audit_row row = read_row(st, subject);
    seal_copy_tag(st, 7, stored);
    if (row.id != tail->id + 1 || chain_tag(store, tail->tag, &row, expected) != CC_OK ||
        !secret_tag_equal(stored, expected))
        return false;
    tail->id = row.id;
    memcpy(tail->tag, stored, sizeof tail->tag);
    return true;
}

/* The row under st, in the next place of a trail with another key. */
static enum cc_err carry_row(struct store *from, struct db_stmt *st, struct audit_tail *from_tail,
                             struct store *to)
{
    uint8_t subject[SECRET_TAG_BYTES], made[SECRET_TAG_BYTES], next[SECRET_TAG_BYTES];
    struct audit_tail tail = to->audit_tail;
    struct audit_row row = read_row(st, subject);
    if (!follows_tail(from, st, from_tail)) {
        from_tail->id = row.id;
        seal_copy_tag(st, 7, from_tail->tag);
        tail.tag[0] ^= 0xFF; /* the break stays to be seen */
    }
    if (row.subject != NULL) {
        secret_next_tag(to->keys, SECRET_USE_NIF_INDEX, subject, made);
        row.subject = made;
        if (row.reference == citizen_row_id(subject))
            row.reference = citizen_row_id(made);
    }
    audit_ip_carry(from, to, row.id, row.at_ms, &row.ip);
    enum cc_err err = chain_tag(to, tail.tag, &row, next);
    memcpy(tail.tag, next, sizeof tail.tag);
    if (err == CC_OK)
        err = write_row(to, &row, tail.tag);
    if (err != CC_OK)
        return err;
    tail.id = row.id;
    to->head.is_stale = true;
    to->audit_tail = tail;
    return CC_OK;
}

enum cc_err audit_carry(struct store *from, struct audit_tail *from_tail, struct store *to,
                        int64_t rows, bool *ret_more)
{
    int64_t count = 0;
    enum cc_err err = audit_refresh(to);
    if (err == CC_OK)
        err = audit_carry_start(from, from_tail, to);
    struct db_stmt *st = query_rows(from, from_tail->id, rows);
    for (; err == CC_OK && db_step(st); count++)
        err = carry_row(from, st, from_tail, to);
    *ret_more = count == rows;
    return db_finish_with(st, err);
}

void audit_walk_mark(struct audit_walk *walk, int64_t bad)
{
    if (walk->first_bad == 0)
        walk->first_bad = bad;
    if (bad > walk->last_bad)
        walk->last_bad = bad;
}

bool audit_walk_is_broken(const struct audit_walk *walk)
{
    return walk->last_bad > walk->accepted;
}

static enum cc_err begin_walk(struct store *store, struct audit_walk *walk)
{
    enum cc_err err = meta_read_number(store, "audit_accepted", &walk->accepted);
    return err == CC_OK ? audit_read_start(store, &walk->tail) : err;
}

enum cc_err audit_walk(struct store *store, struct audit_walk *walk, int64_t rows, bool *ret_more)
{
    int64_t count = 0;
    enum cc_err err = walk->tail.id == 0 ? begin_walk(store, walk) : CC_OK;
    if (err != CC_OK)
        return err;
    struct db_stmt *st = query_rows(store, walk->tail.id, rows);
    for (; db_step(st); ++count) {
        int64_t expected = walk->tail.id + 1;
        if (follows_tail(store, st, &walk->tail))
            continue;
        audit_walk_mark(walk, expected);
        walk->tail.id = db_column_int(st, 0);
        seal_copy_tag(st, 7, walk->tail.tag);
    }
    err = db_finish(st);
    if (err == CC_OK)
        *ret_more = count == rows;
    return err;
}

/* The head of a trail with this end: a database from before the row tags has a plain one. */
static enum cc_err check_head(struct store *store, const struct audit_tail *tail, bool *ret_fits)
{
    struct head head;
    bool is_untagged = false;
    enum cc_err err = store_check_untagged(store, &is_untagged);
    if (err == CC_OK && is_untagged)
        return audit_plain_head_fits(store, ret_fits);
    return err == CC_OK ? head_read(store, tail->tag, &head, ret_fits) : err;
}

enum cc_err audit_verify(struct store *store, int64_t *ret_bad)
{
    struct audit_tail tail = {0};
    bool fits = true;
    enum cc_err err = audit_read_start(store, &tail);
    if (err != CC_OK)
        return err;
    struct db_stmt *st = query_rows(store, INT64_MIN, INT64_MAX);
    while (fits && db_step(st))
        fits = follows_tail(store, st, &tail);
    err = db_finish(st);
    if (err == CC_OK && fits)
        err = check_head(store, &tail, &fits);
    if (err == CC_OK)
        *ret_bad = fits ? 0 : tail.id + 1;
    return err;
}

/*
 * A head that does not fit must not be written over in silence by the next row's: a row is added
 * that is chained to a tag which no row has, so that the break stays in the trail for good.
 */
static enum cc_err mark_break(struct store *store)
{
    const struct audit_entry entry = {.event = "auditoria_rota",
                                      .actor = "contraclaved",
                                      .result = "incompleta",
                                      .reference = store->audit_tail.id};
    int64_t now_ms = 0;
    log_error("el registro de auditoría no acaba donde debe, en la fila %" PRId64
              ": se han quitado o cambiado filas",
              store->audit_tail.id);
    integrity_add(store, INTEGRITY_AUDIT);
    enum cc_err err = store_highest_time(store, &now_ms);
    return err == CC_OK ? append_entry(store, &entry, now_ms, true, NULL) : err;
}

enum cc_err audit_begin(struct store *store)
{
    enum cc_err err = read_tail(store);
    return err == CC_OK ? head_write(store, store->audit_tail.tag) : err;
}

enum cc_err audit_plain_head_fits(struct store *store, bool *ret)
{
    static const char label[] = "fin";
    uint8_t stored[SECRET_TAG_BYTES], expected[SECRET_TAG_BYTES];
    enum cc_err err = read_tail(store);
    if (err != CC_OK)
        return err;
    secret_tag(store->keys, SECRET_USE_AUDIT, label, sizeof label - 1, store->audit_tail.tag,
               sizeof store->audit_tail.tag, expected);
    struct db_stmt *st = db_query(store->db, "SELECT bytes FROM meta WHERE name = 'audit_head'");
    err = seal_run_tag(st, stored);
    if (err == CC_OK || err == CC_ERR_NOT_FOUND)
        *ret = err == CC_OK && secret_tag_equal(stored, expected);
    return err_allow_absent(err);
}

void audit_committed(struct store *store)
{
    if (store->audit_tail.rollbacks == db_rollbacks(store->db))
        store->audit_committed = store->audit_tail;
}

enum cc_err audit_open(struct store *store)
{
    bool fits = false;
    enum cc_err err = read_tail(store);
    if (err == CC_OK)
        err = head_read(store, store->audit_tail.tag, &store->head, &fits);
    if (err != CC_OK)
        return err;
    if (!fits)
        err = mark_break(store);
    audit_committed(store);
    return err;
}

enum cc_err audit_find_begin(struct store *store, int64_t *ret_ms)
{
    return db_run_int(db_query(store->db,
                               "SELECT coalesce((SELECT at_ms FROM audit ORDER BY id LIMIT 1), 0)"
                               " AS begun"),
                      ret_ms);
}
