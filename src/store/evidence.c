/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/evidence.h"

#include "base/buf.h"
#include "base/hex.h"
#include "base/log.h"
#include "store/citizens_row.h"
#include "store/seal.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {
    PAD_BYTES = 64, /* the length tells little of a name */
    TEXTS_MAX = NIF_CHARS + 1 + 3 * NAME_PART_SIZE + PHONE_SIZE + LIFE_ACTOR_SIZE +
                LIFE_DOCUMENT_SIZE + EVIDENCE_CALLER_SIZE + 2 * EVIDENCE_ADDRESS_SIZE +
                EVIDENCE_CONFIG_SIZE + EVIDENCE_MESSAGES_MAX * OUTBOX_MODEM_SIZE,
    NUMBERS_MAX = 17 + 5 * EVIDENCE_MESSAGES_MAX,
    NUMBER_BYTES_MAX = 10,
    PLAIN_MAX = TEXTS_MAX + NUMBERS_MAX * NUMBER_BYTES_MAX + PAD_BYTES,
    SEALED_MAX = PLAIN_MAX + SECRET_SEAL_OVERHEAD,
    HALF_ID = SECRET_TAG_BYTES / 2,
    LIFE_EDGES_MAX = 200
};

static const char sealed_column[] = "evidence.sealed";

/* ---- the id ---------------------------------------------------------------------------------- */

/* A tag of the number, and the number under a mask made of that tag. */
static void make_id(const struct store *store, int64_t audit_id, uint8_t ret[SECRET_TAG_BYTES])
{
    uint8_t number[HALF_ID], tag[SECRET_TAG_BYTES], mask[SECRET_TAG_BYTES];
    struct buf b;
    buf_init(&b, number, sizeof number);
    buf_le64(&b, (uint64_t)audit_id);
    secret_short_tag(store->keys, SECRET_USE_EVIDENCE, number, sizeof number, tag);
    tag[HALF_ID] = 'm'; /* the mask's input has another length than the tag's */
    secret_short_tag(store->keys, SECRET_USE_EVIDENCE, tag, HALF_ID + 1, mask);
    memcpy(ret, tag, HALF_ID);
    for (size_t i = 0; i < HALF_ID; i++)
        ret[HALF_ID + i] = number[i] ^ mask[i];
}

void evidence_id(const struct store *store, int64_t audit_id, char ret[EVIDENCE_ID_SIZE])
{
    uint8_t id[SECRET_TAG_BYTES];
    make_id(store, audit_id, id);
    hex_encode(id, sizeof id, ret);
}

enum cc_err evidence_parse_id(const struct store *store, const char *text, int64_t *ret_audit_id)
{
    uint8_t id[SECRET_TAG_BYTES], made[SECRET_TAG_BYTES], tag[HALF_ID + 1], mask[SECRET_TAG_BYTES];
    char again[EVIDENCE_ID_SIZE];
    uint64_t number = 0;
    size_t len = 0;
    if (!hex_decode(text, strlen(text), id, sizeof id, &len) || len != sizeof id)
        return CC_ERR_NOT_FOUND;
    memcpy(tag, id, HALF_ID);
    tag[HALF_ID] = 'm';
    secret_short_tag(store->keys, SECRET_USE_EVIDENCE, tag, sizeof tag, mask);
    for (size_t i = 0; i < HALF_ID; i++)
        number |= (uint64_t)(id[HALF_ID + i] ^ mask[i]) << (8 * i);
    make_id(store, (int64_t)number, made);
    hex_encode(made, sizeof made, again);
    if (!secret_tag_equal(id, made) || strcmp(text, again) != 0) /* one way to write each */
        return CC_ERR_NOT_FOUND;
    *ret_audit_id = (int64_t)number;
    return CC_OK;
}

/* ---- what is sealed -------------------------------------------------------------------------- */

/* A field of struct evidence or of a message; a number is an int64_t, an enum or a bool. */
struct field {
    bool is_text;
    size_t offset, size;
};

#define TEXT(type, member)                                                                         \
    {                                                                                              \
        true, offsetof(struct type, member), sizeof(((struct type *)0)->member)                    \
    }
#define NUMBER(type, member)                                                                       \
    {                                                                                              \
        false, offsetof(struct type, member), sizeof(((struct type *)0)->member)                   \
    }

/* Stored in this order: append only, before message_count. */
static const struct field fields[] = {
    TEXT(evidence, nif.text),
    NUMBER(evidence, nif.kind),
    TEXT(evidence, name.given),
    TEXT(evidence, name.first_surname),
    TEXT(evidence, name.second_surname),
    TEXT(evidence, phone.e164),
    NUMBER(evidence, alta.grade),
    NUMBER(evidence, alta.channel),
    NUMBER(evidence, alta.at_ms),
    TEXT(evidence, alta.actor),
    TEXT(evidence, alta.document),
    NUMBER(evidence, request.id),
    NUMBER(evidence, request.created_ms),
    NUMBER(evidence, request.expires_ms),
    NUMBER(evidence, request.tries),
    NUMBER(evidence, request.uses),
    NUMBER(evidence, request.with_contrast),
    NUMBER(evidence, with_contrast),
    NUMBER(evidence, is_substantial),
    NUMBER(evidence, network),
    NUMBER(evidence, is_synchronised),
    TEXT(evidence, client),
    TEXT(evidence, client_address),
    TEXT(evidence, address),
    TEXT(evidence, config),
    NUMBER(evidence, is_settled),
    NUMBER(evidence, message_count),
};

static const struct field message_fields[] = {
    NUMBER(evidence_message, state),    NUMBER(evidence_message, created_ms),
    NUMBER(evidence_message, sent_ms),  NUMBER(evidence_message, delivered_ms),
    NUMBER(evidence_message, attempts), TEXT(evidence_message, modem),
};

enum {
    FIELDS = sizeof fields / sizeof fields[0],
    MESSAGE_FIELDS = sizeof message_fields / sizeof message_fields[0]
};

/* Seven bits a byte, the least significant first. */
static void put_number(struct buf *b, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_byte(b, (uint8_t)(value | 0x80));
    buf_byte(b, (uint8_t)value);
}

static bool take_number(const char **at, const char *end, uint64_t *ret)
{
    uint64_t value = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = (uint8_t) * (*at)++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *ret = value;
            return true;
        }
    }
    return false;
}

static uint64_t load_number(const char *from, size_t size)
{
    int64_t wide = 0;
    int narrow = 0;
    if (size == sizeof wide)
        memcpy(&wide, from, sizeof wide);
    else if (size == sizeof narrow)
        memcpy(&narrow, from, sizeof narrow);
    else
        narrow = *from;
    return size == sizeof wide ? (uint64_t)wide : (uint64_t)narrow;
}

static void store_number(uint64_t value, char *to, size_t size)
{
    const int64_t wide = (int64_t)value;
    const int narrow = (int)value;
    if (size == sizeof wide)
        memcpy(to, &wide, sizeof wide);
    else if (size == sizeof narrow)
        memcpy(to, &narrow, sizeof narrow);
    else
        *to = value != 0;
}

static void put_fields(struct buf *b, const struct field *list, size_t count, const void *from)
{
    for (size_t i = 0; i < count; i++) {
        const char *at = (const char *)from + list[i].offset;
        if (list[i].is_text)
            buf_put(b, at, strlen(at) + 1);
        else
            put_number(b, load_number(at, list[i].size));
    }
}

static bool take_fields(const char **text, const char *end, const struct field *list, size_t count,
                        void *to)
{
    uint64_t number = 0;
    bool fits = true;
    for (size_t i = 0; i < count && fits; i++) {
        char *at = (char *)to + list[i].offset;
        if (list[i].is_text) {
            fits = seal_take_text(text, end, at, list[i].size);
        } else {
            fits = take_number(text, end, &number);
            store_number(number, at, list[i].size);
        }
    }
    return fits;
}

/* Length of the plain text, padded. */
static size_t compose(const struct evidence *evidence, char plain[PLAIN_MAX])
{
    struct buf b;
    memset(plain, 0, PLAIN_MAX);
    buf_init(&b, plain, PLAIN_MAX);
    put_fields(&b, fields, FIELDS, evidence);
    for (size_t i = 0; i < evidence->message_count; i++)
        put_fields(&b, message_fields, MESSAGE_FIELDS, &evidence->messages[i]);
    return (b.len + PAD_BYTES - 1) / PAD_BYTES * PAD_BYTES;
}

static bool take_evidence(const char *text, const char *end, struct evidence *ret)
{
    if (!take_fields(&text, end, fields, FIELDS, ret) || ret->message_count > EVIDENCE_MESSAGES_MAX)
        return false;
    bool fits = true;
    for (size_t i = 0; i < ret->message_count && fits; i++)
        fits = take_fields(&text, end, message_fields, MESSAGE_FIELDS, &ret->messages[i]);
    return fits;
}

/* ---- the row --------------------------------------------------------------------------------- */

static void make_key(int64_t audit_id, int64_t at_ms, uint8_t ret[SEAL_ROW_BYTES])
{
    struct buf b;
    buf_init(&b, ret, SEAL_ROW_BYTES);
    buf_le64(&b, (uint64_t)audit_id);
    buf_le64(&b, (uint64_t)at_ms);
}

static void bind_sealed(struct store *store, struct db_stmt *st, int index, int64_t audit_id,
                        const struct evidence *evidence, uint8_t sealed[SEALED_MAX])
{
    uint8_t key[SEAL_ROW_BYTES];
    char plain[PLAIN_MAX];
    size_t len = compose(evidence, plain);
    make_key(audit_id, evidence->at_ms, key);
    secret_seal(store->keys, sealed_column, key, sizeof key, plain, len, sealed);
    db_bind_blob(st, index, sealed, len + SECRET_SEAL_OVERHEAD);
    secret_wipe(plain, len);
}

enum cc_err evidence_insert(struct store *store, int64_t audit_id, const struct evidence *evidence)
{
    uint8_t sealed[SEALED_MAX];
    struct db_stmt *st = db_query(store->db, "INSERT INTO evidence (id, at_ms, is_settled, sealed)"
                                             " VALUES ($1, $2, 0, $3)");
    db_bind_int(st, 1, audit_id);
    db_bind_int(st, 2, evidence->at_ms);
    bind_sealed(store, st, 3, audit_id, evidence, sealed);
    return db_run(st);
}

static enum cc_err open_row(const struct store *store, struct db_stmt *st, int64_t audit_id,
                            struct evidence *ret)
{
    uint8_t key[SEAL_ROW_BYTES];
    char plain[PLAIN_MAX];
    size_t sealed_len = 0, len = 0;
    struct evidence read = {.at_ms = db_column_int(st, 0)};
    const uint8_t *sealed = db_column_blob(st, 1, &sealed_len);
    make_key(audit_id, read.at_ms, key);
    bool is_open = secret_open(store->keys, sealed_column, key, sizeof key, sealed, sealed_len,
                               plain, sizeof plain, &len) == CC_OK &&
                   take_evidence(plain, plain + len, &read);
    secret_wipe(plain, sizeof plain);
    if (is_open)
        *ret = read;
    secret_wipe(&read, sizeof read);
    return is_open ? CC_OK : CC_ERR_ALTERED;
}

static enum cc_err read_row(struct store *store, int64_t audit_id, struct evidence *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT at_ms, sealed FROM evidence WHERE id = $1");
    db_bind_int(st, 1, audit_id);
    enum cc_err err = db_step(st) ? open_row(store, st, audit_id, ret) : CC_ERR_NOT_FOUND;
    enum cc_err end = db_finish(st);
    return end == CC_OK ? err : end;
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
    db_bind_blob(st, 1, phone_index, sizeof phone_index);
    db_bind_int(st, 2, evidence->request.created_ms);
    db_bind_int(st, 3, evidence->request.id);
    db_bind_int(st, 4, EVIDENCE_MESSAGES_MAX);
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
    if (edge->act != LIFE_ENROL || edge->at_ms > evidence->at_ms || alta->actor[0] != '\0')
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

static enum cc_err complete(struct store *store, struct evidence *evidence)
{
    enum cc_err err = find_messages(store, evidence);
    return err == CC_OK ? find_alta(store, evidence) : err;
}

enum cc_err evidence_find(struct store *store, int64_t audit_id, struct evidence *ret)
{
    struct evidence read;
    enum cc_err err = read_row(store, audit_id, &read);
    if (err != CC_OK)
        return err;
    if (!read.is_settled)
        err = complete(store, &read);
    if (err == CC_OK)
        *ret = read;
    secret_wipe(&read, sizeof read);
    return err;
}

/* A row that does not open is left as it is, and not looked at again. */
static enum cc_err settle_row(struct store *store, int64_t id)
{
    uint8_t sealed[SEALED_MAX];
    struct evidence evidence;
    enum cc_err err = evidence_find(store, id, &evidence);
    if (err == CC_ERR_ALTERED) {
        log_error("la evidencia de la fila %" PRId64 " de la auditoría no se puede descifrar", id);
        struct db_stmt *st =
            db_query(store->db, "UPDATE evidence SET is_settled = 1 WHERE id = $1");
        db_bind_int(st, 1, id);
        return db_run(st);
    }
    if (err != CC_OK)
        return err;
    evidence.is_settled = true;
    struct db_stmt *st =
        db_query(store->db, "UPDATE evidence SET is_settled = 1, sealed = $1 WHERE id = $2");
    bind_sealed(store, st, 1, id, &evidence, sealed);
    db_bind_int(st, 2, id);
    secret_wipe(&evidence, sizeof evidence);
    return db_run(st);
}

enum cc_err evidence_settle(struct store *store, int64_t now_ms, bool *ret_more)
{
    int64_t ids[EVIDENCE_SETTLE_BATCH];
    size_t count = 0;
    struct db_stmt *st = db_query(store->db, "SELECT id FROM evidence WHERE is_settled = 0"
                                             " AND at_ms < $1 ORDER BY id LIMIT $2");
    db_bind_int(st, 1, now_ms - EVIDENCE_SETTLE_MS);
    db_bind_int(st, 2, EVIDENCE_SETTLE_BATCH);
    while (count < EVIDENCE_SETTLE_BATCH && db_step(st))
        ids[count++] = db_column_int(st, 0);
    enum cc_err err = db_finish(st);
    for (size_t i = 0; i < count && err == CC_OK; i++)
        err = settle_row(store, ids[i]);
    if (err == CC_OK)
        *ret_more = count == EVIDENCE_SETTLE_BATCH;
    return err;
}

enum cc_err evidence_destroy(struct store *store, int64_t before_ms, int64_t max,
                             int64_t *ret_count)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM evidence WHERE id IN (SELECT id FROM (SELECT id, at_ms"
                            " FROM evidence ORDER BY id LIMIT $1) AS oldest WHERE at_ms < $2)");
    db_bind_int(st, 1, max);
    db_bind_int(st, 2, before_ms);
    enum cc_err err = db_run(st);
    if (err == CC_OK)
        *ret_count = db_changes(store->db);
    return err;
}
