/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/evidence_group.h"

#include "base/le64.h"
#include "store/audit.h"
#include "store/db_ahead.h"
#include "store/seal.h"

#include <stdlib.h>
#include <string.h>

enum { GROUP_BYTES = 16 * 1024 };

static const char sealed_column[] = "evidence.sealed";

/* Entries that go into the row at the end of the transaction. */
struct evidence_group {
    uint64_t rollbacks; /* of the database when the first was added */
    int64_t base, at_ms;
    size_t count;
    struct {
        int64_t id;
        uint8_t tag[SECRET_TAG_BYTES]; /* of its audit row, which may be rolled back */
        size_t end;                    /* in bytes */
    } items[EVIDENCE_GROUP_MAX];
    uint8_t bytes[GROUP_BYTES];
};

/* ---- the row --------------------------------------------------------------------------------- */

void evidence_put_header(struct buf *plain, size_t count, int64_t base)
{
    buf_byte(plain, (uint8_t)(count | EVIDENCE_HAS_METHODS));
    buf_le64(plain, (uint64_t)base);
}

uint8_t *evidence_seal(const struct store *store, int64_t id, int64_t at_ms, struct buf *plain,
                       size_t *ret_len)
{
    uint8_t key[SEAL_ROW_BYTES];
    while (plain->len % EVIDENCE_PAD_BYTES != 0)
        buf_byte(plain, 0);
    uint8_t *sealed = malloc(plain->len + SECRET_SEAL_OVERHEAD);
    if (sealed == NULL || !buf_ok(plain)) {
        free(sealed);
        return NULL;
    }
    seal_make_row(id, at_ms, key);
    secret_seal(store->keys, sealed_column, key, sizeof key, plain->data, plain->len, sealed);
    *ret_len = plain->len + SECRET_SEAL_OVERHEAD;
    return sealed;
}

/* Reads count and base, which stand before the entries. */
static bool begin_row(struct evidence_row *row)
{
    if (row->end - row->plain < EVIDENCE_HEADER_BYTES)
        return false;
    row->base = (int64_t)le64_get((const uint8_t *)row->plain + 1);
    row->left = (uint8_t)row->plain[0] & (EVIDENCE_HAS_METHODS - 1);
    row->has_methods = ((uint8_t)row->plain[0] & EVIDENCE_HAS_METHODS) != 0;
    row->at = row->plain + EVIDENCE_HEADER_BYTES;
    return true;
}

enum cc_err evidence_row_open(const struct store *store, struct db_stmt *st,
                              struct evidence_row *row)
{
    uint8_t key[SEAL_ROW_BYTES];
    size_t sealed_len = 0, len = 0;
    const uint8_t *sealed = db_column_blob(st, 2, &sealed_len);
    row->id = db_column_int(st, 0);
    row->at_ms = db_column_int(st, 1);
    row->plain = malloc(sealed_len + 1);
    if (row->plain == NULL)
        return CC_ERR_MEMORY;
    seal_make_row(row->id, row->at_ms, key);
    if (secret_open(store->keys, sealed_column, key, sizeof key, sealed, sealed_len, row->plain,
                    sealed_len, &len) != CC_OK)
        return CC_ERR_ALTERED;
    row->end = row->plain + len;
    return begin_row(row) ? CC_OK : CC_ERR_ALTERED;
}

enum cc_err evidence_row_read(struct store *store, int64_t audit_id, struct evidence_row *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT id, at_ms, sealed FROM evidence"
                                             " WHERE id <= $1 ORDER BY id DESC LIMIT 1");
    db_bind_int(st, 1, audit_id);
    *ret = (struct evidence_row){.id = 0};
    return db_finish_with(st, db_step(st) ? evidence_row_open(store, st, ret) : CC_ERR_NOT_FOUND);
}

enum cc_err evidence_row_next(struct evidence_row *row, int64_t *ret_audit_id, struct evidence *ret)
{
    uint64_t number = 0;
    if (row->left == 0)
        return CC_ERR_NOT_FOUND;
    if (!evidence_take_number(&row->at, row->end, &number) ||
        !evidence_take(&row->at, row->end, row->has_methods, ret))
        return CC_ERR_ALTERED;
    *ret_audit_id = row->base + (int64_t)number;
    row->left--;
    return CC_OK;
}

void evidence_row_done(struct evidence_row *row)
{
    if (row->plain != NULL && row->end != NULL)
        secret_wipe(row->plain, (size_t)(row->end - row->plain));
    free(row->plain);
    row->plain = NULL;
}

/* ---- the open transaction's ------------------------------------------------------------------ */

static size_t end_of(const struct evidence_group *group, size_t count)
{
    return count > 0 ? group->items[count - 1].end : EVIDENCE_HEADER_BYTES;
}

/* A request that fails takes its audit row back, and with it what it left here. */
static enum cc_err drop_lost(struct store *store, struct evidence_group *group)
{
    size_t kept = 0;
    for (size_t i = 0; i < group->count; i++) {
        size_t begin = end_of(group, i), len = group->items[i].end - begin;
        bool stands = false;
        enum cc_err err = audit_find_row(store, group->items[i].id, group->items[i].tag, &stands);
        if (err != CC_OK)
            return err;
        if (!stands)
            continue;
        size_t to = end_of(group, kept);
        memmove(group->bytes + to, group->bytes + begin, len);
        group->items[kept] = group->items[i];
        group->items[kept++].end = to + len;
    }
    group->count = kept;
    return CC_OK;
}

static enum cc_err write_row(struct store *store, struct evidence_group *group)
{
    struct buf plain;
    size_t sealed_len = 0;
    int64_t id = group->items[0].id;
    buf_init(&plain, group->bytes, sizeof group->bytes);
    evidence_put_header(&plain, group->count, group->base);
    plain.len = end_of(group, group->count);
    uint8_t *sealed = evidence_seal(store, id, group->at_ms, &plain, &sealed_len);
    if (sealed == NULL)
        return CC_ERR_MEMORY;
    struct db_stmt *st = db_query(store->db, "INSERT INTO evidence (id, at_ms, is_settled, sealed)"
                                             " VALUES ($1, $2, 0, $3)");
    DB_BIND(st, 1, db_int(id), db_int(group->at_ms), db_blob(sealed, sealed_len));
    enum cc_err err = db_run_later(st);
    free(sealed);
    secret_wipe(group->bytes, plain.len);
    return err;
}

enum cc_err evidence_close(struct store *store)
{
    struct evidence_group *group = store->evidence;
    enum cc_err err = CC_OK;
    if (group == NULL || group->count == 0)
        return CC_OK;
    if (group->rollbacks != db_rollbacks(store->db))
        err = drop_lost(store, group);
    if (err == CC_OK && group->count > 0)
        err = write_row(store, group);
    group->count = 0; /* after an error the transaction is undone, and the audit rows with it */
    return err;
}

static struct evidence_group *group_of(struct store *store)
{
    if (store->evidence == NULL)
        store->evidence = calloc(1, sizeof(struct evidence_group));
    return store->evidence;
}

/* Rows from this number on were rolled back: it is given again. */
static void drop_from(struct evidence_group *group, int64_t audit_id)
{
    while (group->count > 0 && group->items[group->count - 1].id >= audit_id)
        group->count--;
}

static void add_item(const struct store *store, struct evidence_group *group, int64_t audit_id,
                     const struct evidence *evidence)
{
    struct buf b;
    if (group->count == 0) {
        group->rollbacks = db_rollbacks(store->db);
        group->base = audit_id;
        group->at_ms = evidence->at_ms;
    }
    buf_init(&b, group->bytes, sizeof group->bytes);
    b.len = end_of(group, group->count);
    evidence_put_number(&b, (uint64_t)(audit_id - group->base));
    evidence_put(&b, evidence);
    group->items[group->count].id = audit_id;
    group->items[group->count].end = b.len;
    memcpy(group->items[group->count].tag, store->audit_tail.tag, SECRET_TAG_BYTES);
    group->count++;
}

enum cc_err evidence_add(struct store *store, int64_t audit_id, const struct evidence *evidence)
{
    struct evidence_group *group = group_of(store);
    enum cc_err err = CC_OK;
    if (group == NULL)
        return CC_ERR_MEMORY;
    drop_from(group, audit_id);
    if (group->count == EVIDENCE_GROUP_MAX ||
        end_of(group, group->count) + EVIDENCE_BYTES_MAX + EVIDENCE_PAD_BYTES > GROUP_BYTES)
        err = evidence_close(store);
    if (err == CC_OK)
        add_item(store, group, audit_id, evidence);
    return err == CC_OK && !db_in_transaction(store->db) ? evidence_close(store) : err;
}

void evidence_forget(struct store *store)
{
    if (store->evidence != NULL)
        secret_wipe(store->evidence, sizeof(struct evidence_group));
    free(store->evidence);
    store->evidence = NULL;
}
