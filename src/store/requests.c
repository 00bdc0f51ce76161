/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/requests.h"

#include "base/buf.h"
#include "domain/clock_trust.h"
#include "store/seal.h"

#include <string.h>

enum { OWNER_BYTES = REQUEST_ID_BYTES + SECRET_TAG_BYTES + 8 };

static void put_owner(const struct request_owner *owner, uint8_t out[OWNER_BYTES])
{
    memcpy(out, owner->public_id, REQUEST_ID_BYTES);
    memcpy(out + REQUEST_ID_BYTES, owner->nif_index, SECRET_TAG_BYTES);
    for (size_t i = 0; i < 8; ++i)
        out[REQUEST_ID_BYTES + SECRET_TAG_BYTES + i] =
            (uint8_t)((uint64_t)owner->expires_ms >> (8 * i));
}

void request_clave_tag(const struct store *store, const struct request_owner *owner,
                       const char *clave, uint8_t ret[SECRET_TAG_BYTES])
{
    uint8_t bytes[OWNER_BYTES];
    put_owner(owner, bytes);
    secret_tag(store->keys, SECRET_USE_CLAVE_TAG, bytes, sizeof bytes, clave, strlen(clave), ret);
}

void request_code_tag(const struct store *store, const struct request_owner *owner,
                      const char *clave, const char *contraclave, uint8_t ret[SECRET_TAG_BYTES])
{
    /* The clave's terminator keeps the two apart, whatever their lengths. */
    char both[32] = {0};
    uint8_t bytes[OWNER_BYTES];
    struct buf b;
    put_owner(owner, bytes);
    buf_init(&b, both, sizeof both);
    buf_put(&b, clave, strlen(clave) + 1);
    buf_put(&b, contraclave, strlen(contraclave));
    secret_tag(store->keys, SECRET_USE_CODE_TAG, bytes, sizeof bytes, both, b.len, ret);
    secret_wipe(both, sizeof both);
}

enum cc_err requests_insert(struct store *store, const struct request *request, int64_t client_id,
                            const char *ip, int64_t *ret_id)
{
    uint8_t ip_tag[SECRET_TAG_BYTES];
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO requests (public_id, citizen_id, client_id, ip_tag,"
                            " clave_tag, code_tag, created_ms, expires_ms, tries, uses)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id");
    db_bind_blob(st, 1, request->public_id, REQUEST_ID_BYTES);
    db_bind_int(st, 2, request->citizen_id);
    db_bind_int(st, 3, client_id);
    seal_bind_ip(store, st, 4, ip, ip_tag);
    db_bind_blob(st, 5, request->clave_tag, SECRET_TAG_BYTES);
    db_bind_blob(st, 6, request->code_tag, SECRET_TAG_BYTES);
    db_bind_int(st, 7, request->created_ms);
    db_bind_int(st, 8, request->expires_ms);
    db_bind_int(st, 9, request->tries);
    db_bind_int(st, 10, request->uses);
    return db_run_int(st, ret_id);
}

static enum cc_err read_rows(struct db_stmt *st, int64_t citizen_id,
                             struct request ret[REQUEST_LIVE_MAX], size_t *ret_count)
{
    size_t count = 0;
    while (count < REQUEST_LIVE_MAX && db_step(st)) {
        struct request *read = &ret[count++];
        read->id = db_column_int(st, 0);
        read->citizen_id = citizen_id;
        seal_copy_tag(st, 1, read->public_id);
        seal_copy_tag(st, 2, read->clave_tag);
        seal_copy_tag(st, 3, read->code_tag);
        read->created_ms = db_column_int(st, 4);
        read->expires_ms = db_column_int(st, 5);
        read->tries = db_column_int(st, 6);
        read->uses = db_column_int(st, 7);
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_count = count;
    return err;
}

/* A later request never expires before an earlier one, so one index gives both order and end. */
#define NEWEST_FIRST " ORDER BY expires_ms DESC, id DESC LIMIT 16"
_Static_assert(REQUEST_LIVE_MAX == 16, "NEWEST_FIRST has the number in its text");
#define REQUEST_COLUMNS "id, public_id, clave_tag, code_tag, created_ms, expires_ms, tries, uses"

enum cc_err requests_unexpired(struct store *store, int64_t citizen_id, int64_t now_ms,
                               struct request ret[REQUEST_LIVE_MAX], size_t *ret_count)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT " REQUEST_COLUMNS " FROM requests"
                            " WHERE citizen_id = $1 AND expires_ms > $2"
                            " AND created_ms > $3 AND created_ms <= $4" NEWEST_FIRST);
    db_bind_int(st, 1, citizen_id);
    db_bind_int(st, 2, now_ms);
    db_bind_int(st, 3, now_ms - CLOCK_REQUEST_LIFE_MS);
    db_bind_int(st, 4, now_ms + CLOCK_FUTURE_MS);
    return read_rows(st, citizen_id, ret, ret_count);
}

enum cc_err requests_expired(struct store *store, int64_t citizen_id, int64_t now_ms,
                             struct request ret[REQUEST_LIVE_MAX], size_t *ret_count)
{
    static const int64_t day_ms = INT64_C(86400000);
    struct db_stmt *st = db_query(
        store->db, "SELECT " REQUEST_COLUMNS " FROM requests"
                   " WHERE citizen_id = $1 AND expires_ms <= $2 AND expires_ms > $3" NEWEST_FIRST);
    db_bind_int(st, 1, citizen_id);
    db_bind_int(st, 2, now_ms);
    db_bind_int(st, 3, now_ms - day_ms);
    return read_rows(st, citizen_id, ret, ret_count);
}

enum cc_err requests_discard(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM requests WHERE id = $1");
    db_bind_int(st, 1, id);
    return db_run_one(st);
}

enum cc_err requests_set_tries(struct store *store, int64_t id, int64_t tries)
{
    struct db_stmt *st = db_query(store->db, "UPDATE requests SET tries = $1 WHERE id = $2");
    db_bind_int(st, 1, tries);
    db_bind_int(st, 2, id);
    return db_run_one(st);
}

enum cc_err requests_set_uses(struct store *store, int64_t id, int64_t uses)
{
    struct db_stmt *st = db_query(store->db, "UPDATE requests SET uses = $1 WHERE id = $2");
    db_bind_int(st, 1, uses);
    db_bind_int(st, 2, id);
    return db_run_one(st);
}
