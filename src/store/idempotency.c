/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/idempotency.h"

#include "base/secret_old.h"
#include "base/span.h"
#include "domain/clock_trust.h"
#include "store/seal.h"

#include <string.h>

static const int64_t kept_ms = DAY_MS;
enum { SWEEP_BATCH = 500 };

struct tags {
    uint8_t key[SECRET_TAG_BYTES];
    uint8_t request[SECRET_TAG_BYTES];
};

static struct tags make_tags(const struct store *store, int64_t client_id, const char *key,
                             const void *request, size_t len)
{
    struct tags tags = {0};
    uint8_t root[SECRET_TAG_BYTES];
    secret_root_tag(store->keys, SECRET_USE_IDEMPOTENCY, &client_id, sizeof client_id, key,
                    strlen(key), root);
    secret_tag(store->keys, SECRET_USE_IDEMPOTENCY, &client_id, sizeof client_id, key, strlen(key),
               tags.key);
    secret_tag(store->keys, SECRET_USE_IDEMPOTENCY, root, sizeof root, request, len, tags.request);
    return tags;
}

enum cc_err idempotency_find(struct store *store, int64_t client_id, const char *key,
                             const void *request, size_t len, int64_t now_ms, int *ret_status,
                             char answer[IDEMPOTENCY_ANSWER_MAX])
{
    uint8_t stored[SECRET_TAG_BYTES];
    struct tags tags = make_tags(store, client_id, key, request, len);
    struct db_stmt *st = db_query(store->db, "SELECT request_tag, status, answer FROM idempotency"
                                             " WHERE key_tag = $1 AND created_ms > $2"
                                             " AND created_ms <= $3");
    DB_BIND(st, 1, db_blob(tags.key, sizeof tags.key), db_int(now_ms - kept_ms),
            db_int(now_ms + CLOCK_FUTURE_MS));
    enum cc_err found = CC_ERR_NOT_FOUND;
    if (db_step(st)) {
        int status = (int)db_column_int(st, 1);
        seal_copy_tag(st, 0, stored);
        found = CC_ERR_IDEMPOTENCY_REUSED;
        if (secret_tag_equal(stored, tags.request))
            found = seal_column(store, st, 2, "idempotency.answer", tags.key, answer,
                                IDEMPOTENCY_ANSWER_MAX);
        if (found == CC_OK)
            *ret_status = status;
    }
    return db_finish_with(st, found);
}

enum cc_err idempotency_keep(struct store *store, int64_t client_id, const char *key,
                             const void *request, size_t len, int64_t now_ms, int status,
                             const char *answer)
{
    if (strlen(answer) >= IDEMPOTENCY_ANSWER_MAX)
        return CC_ERR_NO_SPACE;
    uint8_t sealed[IDEMPOTENCY_ANSWER_MAX + SECRET_SEAL_OVERHEAD];
    struct tags tags = make_tags(store, client_id, key, request, len);
    /* An old answer under the same key is one that the sweep has not come to yet. */
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO idempotency (key_tag, request_tag, status, answer, created_ms)"
                   " VALUES ($1, $2, $3, $4, $5)"
                   " ON CONFLICT (key_tag) DO UPDATE SET request_tag = excluded.request_tag,"
                   " status = excluded.status, answer = excluded.answer,"
                   " created_ms = excluded.created_ms");
    DB_BIND(st, 1, db_blob(tags.key, sizeof tags.key), db_blob(tags.request, sizeof tags.request),
            db_int(status),
            seal_text(store, "idempotency.answer", tags.key, answer, sealed, sizeof sealed),
            db_int(now_ms));
    return db_run(st);
}

enum cc_err idempotency_sweep(struct store *store, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM idempotency WHERE id IN (SELECT id FROM (SELECT id,"
                            " created_ms FROM idempotency WHERE created_ms <= $1"
                            " ORDER BY id LIMIT $2) AS oldest"
                            " WHERE created_ms <= $3)");
    DB_BIND(st, 1, db_int(now_ms + CLOCK_FUTURE_MS), db_int(SWEEP_BATCH), db_int(now_ms - kept_ms));
    return db_run(st);
}
