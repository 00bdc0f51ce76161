/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/head.h"

#include "base/le64.h"
#include "store/audit.h"
#include "store/db_ahead.h"
#include "store/integrity.h"
#include "store/seal.h"

#include <string.h>

enum { SUMS_BYTES = sizeof(((struct head_sums *)NULL)->of), PLAIN_BYTES = LE64_BYTES + SUMS_BYTES };

static const char sealed_column[] = "meta.audit_head";

/*
 * The sums of the last commit hold again: the transaction was undone, by the engine or on request,
 * or a new one of a shared database has begun.
 */
static void take_rollback(struct store *store)
{
    struct head *head = &store->head;
    uint64_t rollbacks = db_rollbacks(store->db);
    if (head->rollbacks == rollbacks)
        return;
    if (db_is_shared(store->db) && !db_in_transaction(store->db)) {
        head->is_stale =
            false; /* the next transaction reads it anew, with the other boxes kept out */
        return;
    }
    if (db_is_shared(store->db) && audit_refresh(store) != CC_OK)
        return; /* the commit meets the same error */
    head->sums = head->committed;
    head->commit = head->commit_committed; /* or the anchor would be ahead of the database */
    head->rollbacks = rollbacks;
    head->is_stale = db_in_transaction(store->db);
}

void head_toggle(struct store *store, enum rowtag_table table,
                 const uint8_t element[SECRET_TAG_BYTES])
{
    take_rollback(store);
    uint8_t *sum = store->head.sums.of[table];
    for (size_t i = 0; i < SECRET_TAG_BYTES; ++i)
        sum[i] ^= element[i];
    store->head.is_stale = true;
    if (!db_in_transaction(store->db)) /* each statement is a commit of its own */
        store->head.committed = store->head.sums;
}

void head_count_citizen(struct store *store, int64_t change)
{
    take_rollback(store);
    store->head.sums.citizens += change;
    if (!db_in_transaction(store->db))
        store->head.committed = store->head.sums;
}

void head_set_citizens(struct store *store, int64_t citizens)
{
    store->head.sums.citizens = citizens;
    store->head.sums.is_counted = true;
    store->head.committed = store->head.sums;
}

bool head_tell_citizens(struct store *store, int64_t *ret)
{
    take_rollback(store);
    if (!store->head.sums.is_counted || db_is_shared(store->db))
        return false;
    *ret = store->head.sums.citizens;
    return true;
}

enum cc_err head_savepoint(struct store *store)
{
    take_rollback(store);
    store->head.at_savepoint = store->head.sums;
    return db_savepoint(store->db);
}

void head_rollback_to_savepoint(struct store *store)
{
    db_rollback_to_savepoint(store->db);
    if (!db_in_transaction(store->db)) {
        take_rollback(store);
        return;
    }
    store->head.sums = store->head.at_savepoint;
    store->head.rollbacks = db_rollbacks(store->db);
    store->head.is_stale = true;
}

enum cc_err head_write(struct store *store, const uint8_t audit_tag[SECRET_TAG_BYTES])
{
    uint8_t plain[PLAIN_BYTES], sealed[PLAIN_BYTES + SECRET_SEAL_OVERHEAD];
    take_rollback(store);
    ++store->head.commit;
    le64_put(plain, (uint64_t)store->head.commit);
    memcpy(plain + LE64_BYTES, store->head.sums.of, SUMS_BYTES);
    secret_seal(store->keys, sealed_column, audit_tag, SECRET_TAG_BYTES, plain, sizeof plain,
                sealed);
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO meta (name, bytes) VALUES ('audit_head', $1)"
                            " ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes");
    db_bind_blob(st, 1, sealed, sizeof sealed);
    enum cc_err err = db_run_later(st);
    if (err == CC_OK)
        store->head.is_stale = false;
    return err;
}

/* The sums are secret: who sees how they change could put together rows that add up to the same. */
static bool open_head(const struct store *store, struct db_stmt *st,
                      const uint8_t audit_tag[SECRET_TAG_BYTES], struct head *ret)
{
    uint8_t plain[PLAIN_BYTES];
    size_t len = 0;
    if (seal_open(store, st, 0, sealed_column, audit_tag, SECRET_TAG_BYTES, plain, sizeof plain,
                  &len) != CC_OK ||
        len < LE64_BYTES || (len - LE64_BYTES) % SECRET_TAG_BYTES != 0)
        return false;
    /* written before the newest tables were tagged: nothing was in these yet */
    memset(plain + len, 0, sizeof plain - len);
    *ret = (struct head){.commit = (int64_t)le64_get(plain), .rollbacks = db_rollbacks(store->db)};
    memcpy(ret->sums.of, plain + LE64_BYTES, SUMS_BYTES);
    ret->committed = ret->sums;
    ret->commit_committed = ret->commit;
    return true;
}

enum cc_err head_read(const struct store *store, const uint8_t audit_tag[SECRET_TAG_BYTES],
                      struct head *ret, bool *ret_fits)
{
    struct db_stmt *st = db_query(store->db, "SELECT bytes FROM meta WHERE name = 'audit_head'");
    bool fits = db_step(st) && open_head(store, st, audit_tag, ret);
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_fits = fits;
    return err;
}

enum cc_err head_refresh(struct store *store)
{
    struct head stored = {0};
    bool fits = false;
    uint64_t transaction = db_transactions(store->db);
    if (store->head.commit == 0 || store->head.transaction == transaction)
        return CC_OK; /* nothing was committed yet, or since it was read */
    enum cc_err err = head_read(store, store->audit_tail.tag, &stored, &fits);
    if (err != CC_OK)
        return err;
    if (!fits)
        integrity_add(store, INTEGRITY_ROWS);
    else {
        store->head.transaction = transaction;
        store->head.committed = stored.sums;
        store->head.commit = store->head.commit_committed = stored.commit;
    }
    return CC_OK;
}

void head_accept(struct store *store, const struct head_sums *sums, int64_t commit)
{
    take_rollback(store);
    struct head *head = &store->head;
    head->sums = *sums;
    if (commit > head->commit)
        head->commit = commit;
    head->accepted = head->rollbacks;
    head->is_stale = true;
}

bool head_is_accepted(const struct store *store)
{
    return store->head.accepted != 0 && store->head.accepted == db_rollbacks(store->db);
}

void head_committed(struct store *store)
{
    take_rollback(store);
    store->head.committed = store->head.sums;
    store->head.commit_committed = store->head.commit;
}
