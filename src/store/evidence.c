/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/evidence.h"

#include "base/buf.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/secret_old.h"
#include "domain/method.h"
#include "store/citizens_row.h"
#include "store/evidence_group.h"
#include "store/seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HALF_ID = SECRET_TAG_BYTES / 2, LIFE_EDGES_MAX = 200 };

/* ---- the id ---------------------------------------------------------------------------------- */

/* A tag of the number, and the number under a mask made of that tag. */
static void make_id(const struct store *store, size_t generation, int64_t audit_id,
                    uint8_t ret[SECRET_TAG_BYTES])
{
    uint8_t number[HALF_ID], tag[SECRET_TAG_BYTES], mask[SECRET_TAG_BYTES];
    struct buf b;
    buf_init(&b, number, sizeof number);
    buf_le64(&b, (uint64_t)audit_id);
    secret_short_tag_of(store->keys, SECRET_USE_EVIDENCE, generation, number, sizeof number, tag);
    tag[HALF_ID] = 'm'; /* the mask's input has another length than the tag's */
    secret_short_tag_of(store->keys, SECRET_USE_EVIDENCE, generation, tag, HALF_ID + 1, mask);
    memcpy(ret, tag, HALF_ID);
    for (size_t i = 0; i < HALF_ID; i++)
        ret[HALF_ID + i] = number[i] ^ mask[i];
}

void evidence_id(const struct store *store, int64_t audit_id, char ret[EVIDENCE_ID_SIZE])
{
    uint8_t id[SECRET_TAG_BYTES];
    make_id(store, secret_keys_generation(store->keys), audit_id, id);
    hex_encode(id, sizeof id, ret);
}

bool evidence_is_entry(const char *event, const char *result)
{
    enum method method;
    return strcmp(event, "verificacion") == 0
               ? strcmp(result, "correcto") == 0
               : strcmp(event, "acceso") == 0 && method_parse_entry(result, &method) == CC_OK;
}

void evidence_id_of_act(const struct store *store, int64_t audit_id, const char *event,
                        const char *result, char ret[EVIDENCE_ID_SIZE])
{
    ret[0] = '\0';
    if (evidence_is_entry(event, result))
        evidence_id(store, audit_id, ret);
}

static bool open_id(const struct store *store, size_t generation,
                    const uint8_t id[SECRET_TAG_BYTES], int64_t *ret_audit_id)
{
    uint8_t made[SECRET_TAG_BYTES], tag[HALF_ID + 1], mask[SECRET_TAG_BYTES];
    uint64_t number = 0;
    memcpy(tag, id, HALF_ID);
    tag[HALF_ID] = 'm';
    secret_short_tag_of(store->keys, SECRET_USE_EVIDENCE, generation, tag, sizeof tag, mask);
    for (size_t i = 0; i < HALF_ID; i++)
        number |= (uint64_t)(id[HALF_ID + i] ^ mask[i]) << (8 * i);
    make_id(store, generation, (int64_t)number, made);
    if (!secret_tag_equal(id, made))
        return false;
    *ret_audit_id = (int64_t)number;
    return true;
}

/* An id that was given out stays good when the master key is replaced. */
enum cc_err evidence_parse_id(const struct store *store, const char *text, int64_t *ret_audit_id)
{
    uint8_t id[SECRET_TAG_BYTES];
    char again[EVIDENCE_ID_SIZE];
    size_t len = 0, generation = secret_keys_generation(store->keys) + 1;
    if (!hex_decode(text, strlen(text), id, sizeof id, &len) || len != sizeof id)
        return CC_ERR_NOT_FOUND;
    hex_encode(id, sizeof id, again);
    if (strcmp(text, again) != 0) /* each is written in one way */
        return CC_ERR_NOT_FOUND;
    while (generation-- > 0)
        if (open_id(store, generation, id, ret_audit_id))
            return CC_OK;
    return CC_ERR_NOT_FOUND;
}

/* ---- what becomes known later ---------------------------------------------------------------- */

static enum cc_err find_messages(struct store *store, struct evidence *evidence)
{
    uint8_t phone_index[SECRET_TAG_BYTES];
    seal_phone_index(store, evidence->phone.e164, phone_index);
    struct db_stmt *st =
        db_query(store->db, "SELECT state, created_ms, sent_ms, done_ms, attempts, modem"
                            " FROM outbox WHERE phone_index = $1 AND created_ms >= $2"
                            " AND request_id = $3 ORDER BY created_ms DESC LIMIT $4");
    DB_BIND(st, 1, db_blob(phone_index, sizeof phone_index), db_int(evidence->request.created_ms),
            db_int(evidence->request.id), db_int(EVIDENCE_MESSAGES_MAX));
    for (evidence->message_count = 0; db_step(st); evidence->message_count++) {
        struct evidence_message *message = &evidence->messages[evidence->message_count];
        *message = (struct evidence_message){.state = (enum outbox_state)db_column_int(st, 0),
                                             .created_ms = db_column_int(st, 1),
                                             .sent_ms = db_column_int(st, 2),
                                             .attempts = db_column_int(st, 4)};
        if (message->state == OUTBOX_DELIVERED)
            message->delivered_ms = db_column_int(st, 3);
        (void)snprintf(message->modem, sizeof message->modem, "%s", db_column_text(st, 5));
    }
    return db_finish(st);
}

/* The newest alta before the verification: edges come newest first. */
static void take_alta(const struct life_edge *edge, void *user)
{
    struct evidence *evidence = user;
    struct evidence_alta *alta = &evidence->alta;
    bool is_alta = edge->act == LIFE_ENROL || edge->act == LIFE_ENROL_PENDING;
    if (!is_alta || edge->at_ms > evidence->at_ms || alta->actor[0] != '\0')
        return;
    (void)snprintf(alta->actor, sizeof alta->actor, "%s", edge->actor);
    (void)snprintf(alta->document, sizeof alta->document, "%s", edge->document);
}

static enum cc_err find_alta(struct store *store, struct evidence *evidence)
{
    uint8_t row[SECRET_TAG_BYTES];
    seal_nif_index(store, &evidence->nif, row);
    const struct citizen citizen = {.id = citizen_row_id(row), .nif = evidence->nif};
    enum cc_err err = life_each(store, &citizen, LIFE_EDGES_MAX, take_alta, evidence);
    return err == CC_ERR_ALTERED ? CC_OK : err; /* told by the person's history */
}

static enum cc_err complete_entry(struct store *store, struct evidence *evidence)
{
    enum cc_err err = find_messages(store, evidence);
    return err == CC_OK ? find_alta(store, evidence) : err;
}

/* The entry of the row, which is that of the number or of one before. */
static enum cc_err find_entry(struct evidence_row *row, int64_t audit_id, struct evidence *ret)
{
    int64_t id = 0;
    enum cc_err err = evidence_row_next(row, &id, ret);
    while (err == CC_OK && id != audit_id)
        err = evidence_row_next(row, &id, ret);
    return err;
}

enum cc_err evidence_find(struct store *store, int64_t audit_id, struct evidence *ret)
{
    struct evidence_row row = {.id = 0};
    struct evidence read = {0};
    enum cc_err err = evidence_close(store); /* of this transaction too */
    if (err == CC_OK)
        err = evidence_row_read(store, audit_id, &row);
    if (err == CC_OK)
        err = find_entry(&row, audit_id, &read);
    evidence_row_done(&row);
    if (err == CC_OK && !read.is_settled)
        err = complete_entry(store, &read);
    if (err == CC_OK)
        *ret = read;
    secret_wipe(&read, sizeof read);
    return err;
}

/* ---- settling and the end -------------------------------------------------------------------- */

/* What is_settled says of a row. A pass takes the oldest row of one state to the next. */
enum { IS_OPEN, IS_SETTLED, IS_WITHOUT_ADDRESSES };

struct pass {
    /* a partial index has the rows of its state; those dated by a clock that was ahead, and those
     * that the pass has looked at, are stepped over */
    const char *find_sql;
    int64_t state; /* afterwards */
    enum cc_err (*change)(struct store *store, struct evidence *evidence);
};

static enum cc_err settle_entry(struct store *store, struct evidence *evidence)
{
    evidence->is_settled = true;
    return complete_entry(store, evidence);
}

static enum cc_err forget_address(struct store *store, struct evidence *evidence)
{
    (void)store;
    secret_wipe(evidence->address, sizeof evidence->address);
    return CC_OK;
}

static const struct pass settling = {
    "SELECT coalesce((SELECT id FROM (SELECT id, at_ms FROM evidence WHERE is_settled = 0"
    " AND id > $1 AND at_ms <= $2 ORDER BY id LIMIT 100) AS oldest WHERE at_ms < $3 LIMIT 1), 0)",
    IS_SETTLED, settle_entry};
static const struct pass forgetting = {
    "SELECT coalesce((SELECT id FROM (SELECT id, at_ms FROM evidence WHERE is_settled = 1"
    " AND id > $1 AND at_ms <= $2 ORDER BY id LIMIT 100) AS oldest WHERE at_ms < $3 LIMIT 1), 0)",
    IS_WITHOUT_ADDRESSES, forget_address};

static enum cc_err change_all(struct store *store, const struct pass *pass,
                              struct evidence_row *row, struct buf *plain)
{
    struct evidence evidence;
    int64_t id = 0;
    enum cc_err err = CC_OK;
    while (err == CC_OK && row->left > 0) {
        err = evidence_row_next(row, &id, &evidence);
        if (err == CC_OK)
            err = pass->change(store, &evidence);
        if (err != CC_OK)
            continue;
        evidence_put_number(plain, (uint64_t)(id - row->base));
        evidence_put(plain, &evidence);
    }
    secret_wipe(&evidence, sizeof evidence);
    return err;
}

static enum cc_err write_row(struct store *store, const struct pass *pass,
                             const struct evidence_row *row, struct buf *plain)
{
    size_t sealed_len = 0;
    uint8_t *sealed = evidence_seal(store, row->id, row->at_ms, plain, &sealed_len);
    if (sealed == NULL)
        return CC_ERR_MEMORY;
    struct db_stmt *st =
        db_query(store->db, "UPDATE evidence SET is_settled = $1, sealed = $2 WHERE id = $3");
    DB_BIND(st, 1, db_int(pass->state), db_blob(sealed, sealed_len), db_int(row->id));
    enum cc_err err = db_run(st);
    free(sealed);
    return err;
}

static enum cc_err change_row(struct store *store, const struct pass *pass,
                              struct evidence_row *row)
{
    size_t count = row->left, cap = EVIDENCE_HEADER_BYTES + EVIDENCE_PAD_BYTES;
    cap += count * EVIDENCE_BYTES_MAX;
    struct buf plain;
    void *storage = malloc(cap);
    if (storage == NULL)
        return CC_ERR_MEMORY;
    buf_init(&plain, storage, cap);
    evidence_put_header(&plain, count, row->base);
    enum cc_err err = change_all(store, pass, row, &plain);
    if (err == CC_OK)
        err = write_row(store, pass, row, &plain);
    secret_wipe(storage, plain.len);
    free(storage);
    return err;
}

/* A row that does not open is left as it is, and not looked at again. */
static enum cc_err pass_over(struct store *store, const struct pass *pass, int64_t id)
{
    log_error("la evidencia de la fila %" PRId64 " de la auditoría no se puede descifrar", id);
    struct db_stmt *st = db_query(store->db, "UPDATE evidence SET is_settled = $1 WHERE id = $2");
    DB_BIND(st, 1, db_int(pass->state), db_int(id));
    return db_run(st);
}

/* How far a pass has come, by now_ms. */
struct progress {
    int64_t now_ms, before_ms;
    int64_t id; /* of the last row */
};

/* *ret_entries: how many were in it; 0 = no row is due. */
static enum cc_err change_oldest(struct store *store, const struct pass *pass,
                                 struct progress *progress, int64_t *ret_entries)
{
    struct evidence_row row = {.id = 0};
    int64_t id = 0;
    struct db_stmt *st = db_query(store->db, pass->find_sql);
    DB_BIND(st, 1, db_int(progress->id), db_int(progress->now_ms + CLOCK_FUTURE_MS),
            db_int(progress->before_ms));
    *ret_entries = 0;
    enum cc_err err = db_run_int(st, &id);
    if (err != CC_OK || id == 0)
        return err;
    progress->id = id;
    err = evidence_row_read(store, id, &row);
    *ret_entries = (int64_t)row.left + 1;
    if (err == CC_OK)
        err = change_row(store, pass, &row);
    evidence_row_done(&row);
    return err == CC_ERR_ALTERED ? pass_over(store, pass, id) : err;
}

enum cc_err evidence_settle(struct store *store, int64_t now_ms, int64_t most, bool *ret_more)
{
    struct progress progress = {.now_ms = now_ms, .before_ms = now_ms - EVIDENCE_SETTLE_MS};
    int64_t entries = 1, looked_at = 0;
    enum cc_err err = CC_OK;
    while (err == CC_OK && entries > 0 && looked_at < most) {
        err = change_oldest(store, &settling, &progress, &entries);
        looked_at += entries;
    }
    if (err == CC_OK)
        *ret_more = entries > 0;
    return err;
}

enum cc_err evidence_forget_addresses(struct store *store, int64_t before_ms, int64_t now_ms,
                                      int64_t max, int64_t *ret_count)
{
    struct progress progress = {.now_ms = now_ms, .before_ms = before_ms};
    int64_t entries = 1, count = 0;
    enum cc_err err = CC_OK;
    while (err == CC_OK && count < max) {
        err = change_oldest(store, &forgetting, &progress, &entries);
        if (entries == 0)
            break;
        ++count;
    }
    if (err == CC_OK)
        *ret_count = count;
    return err;
}

enum cc_err evidence_destroy(struct store *store, int64_t before_ms, int64_t now_ms, int64_t max,
                             int64_t *ret_count)
{
    struct db_stmt *st = db_query(
        store->db, "DELETE FROM evidence WHERE id IN (SELECT id FROM (SELECT id, at_ms FROM"
                   " evidence WHERE at_ms <= $1 ORDER BY id LIMIT $2) AS oldest WHERE at_ms < $3)");
    DB_BIND(st, 1, db_int(now_ms + CLOCK_FUTURE_MS), db_int(max), db_int(before_ms));
    return db_run_count(st, ret_count);
}
