/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/audit_ip.h"

#include "domain/clock_trust.h"
#include "store/meta.h"
#include "store/seal.h"

#include <string.h>

enum { BATCH = 64 };

static const char sealed_column[] = "audit.ip";

/*
 * Drawn for a transaction, and counted up within it: the verifications of a turn ask the kernel for
 * one. No longer than that, so that a machine which is put back to an earlier state draws anew.
 */
static uint8_t *find_nonce(struct store *store)
{
    struct audit_nonce *nonce = &store->audit_nonce;
    uint64_t transaction = db_transactions(store->db) + 1;
    if (nonce->transaction != transaction)
        secret_random(nonce->bytes, sizeof nonce->bytes);
    nonce->transaction = transaction;
    return nonce->bytes;
}

void audit_ip_seal(struct store *store, int64_t id, int64_t at_ms, const uint8_t *address,
                   struct audit_ip *ret)
{
    uint8_t key[SEAL_ROW_BYTES];
    ret->len = 0;
    if (address == NULL)
        return;
    seal_make_row(id, at_ms, key);
    secret_seal_next(store->keys, find_nonce(store), sealed_column, key, sizeof key, address,
                     ADDRESS_BYTES, ret->bytes);
    ret->len = AUDIT_IP_BYTES;
}

struct db_value audit_ip_value(const struct audit_ip *ip)
{
    return ip->len > 0 ? db_blob(ip->bytes, ip->len) : db_null();
}

void audit_ip_read(struct db_stmt *st, int column, struct audit_ip *ret)
{
    size_t len = 0;
    ret->len = 0;
    if (db_column_is_null(st, column))
        return;
    const uint8_t *bytes = db_column_blob(st, column, &len);
    bool is_ours = len == AUDIT_IP_BYTES || len == SECRET_TAG_BYTES;
    memset(ret->bytes, 0, sizeof ret->bytes);
    if (is_ours)
        memcpy(ret->bytes, bytes, len);
    ret->len = is_ours ? len : SECRET_TAG_BYTES;
}

void audit_ip_tag(const struct store *store, const struct audit_ip *ip,
                  uint8_t out[SECRET_TAG_BYTES])
{
    if (ip->len == SECRET_TAG_BYTES)
        memcpy(out, ip->bytes, SECRET_TAG_BYTES);
    else
        secret_tag(store->keys, SECRET_USE_AUDIT, sealed_column, sizeof sealed_column, ip->bytes,
                   ip->len, out);
}

static bool open_ip(const struct store *store, int64_t id, int64_t at_ms, const struct audit_ip *ip,
                    struct address *ret)
{
    uint8_t key[SEAL_ROW_BYTES];
    size_t len = 0;
    seal_make_row(id, at_ms, key);
    return ip->len == AUDIT_IP_BYTES &&
           secret_open(store->keys, sealed_column, key, sizeof key, ip->bytes, ip->len, ret->bytes,
                       sizeof ret->bytes, &len) == CC_OK &&
           len == sizeof ret->bytes;
}

void audit_ip_open(const struct store *store, int64_t id, int64_t at_ms, const struct audit_ip *ip,
                   char ret[ADDRESS_TEXT_SIZE])
{
    struct address address;
    ret[0] = '\0';
    if (open_ip(store, id, at_ms, ip, &address))
        address_format(&address, ret);
}

void audit_ip_carry(const struct store *from, struct store *to, int64_t id, int64_t at_ms,
                    struct audit_ip *ip)
{
    struct address address;
    if (open_ip(from, id, at_ms, ip, &address))
        audit_ip_seal(to, id, at_ms, address.bytes, ip);
}

/* ---- the end of their term ------------------------------------------------------------------- */

/* Rows up to this number have none any more. */
static const char forgotten_name[] = "audit_ip";

static enum cc_err end_address(struct store *store, int64_t id, const struct audit_ip *ip)
{
    struct audit_ip tag = {.len = SECRET_TAG_BYTES};
    audit_ip_tag(store, ip, tag.bytes);
    struct db_stmt *st = db_query(store->db, "UPDATE audit SET ip = $1 WHERE id = $2");
    DB_BIND(st, 1, audit_ip_value(&tag), db_int(id));
    return db_run(st);
}

struct due {
    int64_t id;
    struct audit_ip ip;
};

/* Rows that are due behind a row, in their order; *ret_count with the last one that is dated
 * before the instant. */
static enum cc_err find_due(struct store *store, int64_t after, int64_t before_ms, int64_t now_ms,
                            int64_t most, struct due due[BATCH], int64_t *ret_count)
{
    int64_t count = 0;
    struct db_stmt *st =
        db_query(store->db, "SELECT id, at_ms, ip FROM audit WHERE id > $1 ORDER BY id LIMIT $2");
    DB_BIND(st, 1, db_int(after), db_int(most < BATCH ? most : BATCH));
    for (*ret_count = 0; db_step(st); count++) {
        int64_t at_ms = db_column_int(st, 1);
        if (at_ms >= before_ms && at_ms <= now_ms + CLOCK_FUTURE_MS)
            break;
        due[count].id = db_column_int(st, 0);
        audit_ip_read(st, 2, &due[count].ip);
        if (at_ms < before_ms)
            *ret_count = count + 1;
    }
    return db_finish(st);
}

struct forgetting {
    int64_t before_ms, now_ms;
    int64_t id;     /* of the last row looked at */
    int64_t looked; /* at so many rows */
    int64_t count;  /* of those that had an address */
};

/* *ret_more is false at the end of those that are due. */
static enum cc_err forget_batch(struct store *store, struct forgetting *run, int64_t most,
                                bool *ret_more)
{
    struct due due[BATCH];
    int64_t count = 0;
    enum cc_err err = find_due(store, run->id, run->before_ms, run->now_ms, most, due, &count);
    for (int64_t i = 0; i < count && err == CC_OK; i++) {
        run->id = due[i].id;
        if (due[i].ip.len != AUDIT_IP_BYTES)
            continue;
        err = end_address(store, due[i].id, &due[i].ip);
        run->count++;
    }
    run->looked += count;
    *ret_more = count == (most < BATCH ? most : BATCH);
    return err;
}

enum cc_err audit_ip_forget(struct store *store, int64_t before_ms, int64_t now_ms, int64_t most,
                            int64_t *ret_count, bool *ret_more)
{
    struct forgetting run = {.before_ms = before_ms, .now_ms = now_ms};
    bool has_more = true;
    enum cc_err err = meta_read_number(store, forgotten_name, &run.id);
    while (err == CC_OK && has_more && run.looked < most)
        err = forget_batch(store, &run, most - run.looked, &has_more);
    if (err == CC_OK && run.looked > 0)
        err = meta_write_number(store, forgotten_name, run.id);
    if (err != CC_OK)
        return err;
    *ret_count = run.count;
    *ret_more = has_more;
    return CC_OK;
}
