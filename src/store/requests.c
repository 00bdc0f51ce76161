/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/requests.h"

#include "base/buf.h"
#include "base/le64.h"
#include "domain/clock_trust.h"
#include "store/db_ahead.h"
#include "store/requests_row.h"
#include "store/rowtag.h"
#include "store/seal.h"
#include "store/withheld.h"

#include <string.h>

#define RECENT_MS (INT64_C(36) * 3600000) /* back to the morning of the day before */

enum { OWNER_BYTES = REQUEST_ID_BYTES + SECRET_TAG_BYTES + LE64_BYTES };

static void put_owner(const struct request_owner *owner, uint8_t out[OWNER_BYTES])
{
    memcpy(out, owner->public_id, REQUEST_ID_BYTES);
    memcpy(out + REQUEST_ID_BYTES, owner->nif_root, SECRET_TAG_BYTES);
    le64_put(out + REQUEST_ID_BYTES + SECRET_TAG_BYTES, (uint64_t)owner->expires_ms);
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
    /* The clave's terminator keeps the two apart, at any lengths. */
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

/* The id of a citizen fills eight bytes of the row: where there is none, a column that means
 * nothing does. */
static const int64_t as_long_as_a_citizen = INT64_MAX;

enum cc_err requests_insert(struct store *store, const struct request *request, int64_t client_id,
                            const char *ip, int64_t *ret_id)
{
    uint8_t ip_tag[SECRET_TAG_BYTES], sealed[REQUEST_SEALED_MAX];
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO requests (public_id, citizen_id, client_id, ip_tag,"
                            " clave_tag, code_tag, created_ms, expires_ms, tries, uses,"
                            " with_contrast, touched, sealed)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
                            " RETURNING " REQUESTS_TAGGED);
    bool is_withheld = request->citizen_id == WITHHELD_CITIZEN;
    DB_BIND(st, 1, db_blob(request->public_id, REQUEST_ID_BYTES),
            is_withheld ? db_null() : db_int(request->citizen_id), db_int(client_id),
            seal_ip(store, ip, ip_tag), db_blob(request->clave_tag, SECRET_TAG_BYTES),
            db_blob(request->code_tag, SECRET_TAG_BYTES), db_int(request->created_ms),
            db_int(request->expires_ms), db_int(request->tries), db_int(request->uses),
            db_int(request->with_contrast), db_int(is_withheld ? as_long_as_a_citizen : 0),
            request_row_seal(store, request, sealed));
    return rowtag_run(store, ROWTAG_REQUESTS, st, ret_id);
}

/* A row whose tag does not fit is left out. */
static enum cc_err read_rows(struct store *store, struct db_stmt *st,
                             struct request ret[REQUEST_LIVE_MAX], size_t *ret_count)
{
    size_t count = 0;
    while (count < REQUEST_LIVE_MAX && db_step(st))
        count += request_row_read(store, st, &ret[count]);
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret_count = count;
    return err;
}

/* Condition of a live request: $1 now, $2 citizen, $3 and $4 the creation, $5 and $6 tries and
 * uses, $7 and $8 the requests that are void (store/clock.h). */
#define IS_LIVE                                                                                    \
    "expires_ms > $1 AND citizen_id = $2 AND created_ms > $3 AND created_ms <= $4"                 \
    " AND tries < $5 AND uses < $6 AND (id > $7 OR created_ms <= $8) AND replaced_ms = 0"

static int64_t endless_if_none(int64_t limit)
{
    return limit > 0 ? limit : INT64_MAX;
}

static void bind_live(const struct store *store, struct db_stmt *st, int64_t citizen_id,
                      const struct limits *limits, int64_t now_ms)
{
    DB_BIND(st, 1, db_int(now_ms), db_int(citizen_id), db_int(now_ms - CLOCK_REQUEST_LIFE_MS),
            db_int(now_ms + CLOCK_FUTURE_MS), db_int(endless_if_none(limits->code.tries)),
            db_int(endless_if_none(limits->code.uses)), db_int(store->void_requests.id),
            db_int(store->void_requests.since_ms));
}

enum { CREATED = 7, EXPIRES, TRIES, USES, REPLACED = 12 }; /* their columns in REQUESTS_TAGGED */
enum { ENTERED = 16 };                                     /* … and behind it */

/* IS_LIVE of the row under st, but for the citizen. SQLite would take longer for it. */
static bool is_row_live(const struct store *store, struct db_stmt *st,
                        const struct limits_per_code *limits, int64_t now_ms)
{
    return db_column_int(st, REPLACED) == 0 &&
           limits_request_is_alive(limits, db_column_int(st, TRIES), db_column_int(st, USES),
                                   db_column_int(st, EXPIRES), now_ms) &&
           request_row_is_dated_well(store, db_column_int(st, 0), db_column_int(st, CREATED),
                                     now_ms);
}

/* One search for two questions: rows that are dead are read for their entry alone. */
enum cc_err requests_live_and_used(struct store *store, int64_t citizen_id,
                                   const struct limits *limits, int64_t now_ms,
                                   struct request ret[REQUEST_LIVE_MAX], size_t *ret_count,
                                   int64_t *ret_recent_ms)
{
    struct db_stmt *st = db_query(store->db, "SELECT " REQUESTS_TAGGED ", entered_ms FROM requests"
                                             " WHERE citizen_id = $1 AND expires_ms > $2"
                                             " ORDER BY expires_ms DESC, id DESC");
    size_t count = 0;
    int64_t recent_ms = 0, since_ms = now_ms - RECENT_MS;
    db_bind_int(st, 1, citizen_id);
    db_bind_int(st, 2, since_ms); /* who expired before was used before */
    while (db_step(st)) {
        int64_t entered_ms = db_column_int(st, ENTERED);
        recent_ms = entered_ms > recent_ms ? entered_ms : recent_ms;
        if (count < REQUEST_LIVE_MAX && is_row_live(store, st, &limits->code, now_ms))
            count += request_row_read(store, st, &ret[count]);
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK) {
        *ret_count = count;
        *ret_recent_ms = recent_ms > since_ms ? recent_ms : 0;
    }
    return err;
}

enum cc_err requests_live(struct store *store, int64_t citizen_id, const struct limits *limits,
                          int64_t now_ms, struct request ret[REQUEST_LIVE_MAX], size_t *ret_count)
{
    int64_t unused = 0;
    return requests_live_and_used(store, citizen_id, limits, now_ms, ret, ret_count, &unused);
}

static enum cc_err read_newest(struct store *store, const char *sql, size_t most,
                               struct request *ret, size_t *ret_count)
{
    struct db_stmt *st = db_query(store->db, sql);
    db_bind_int(st, 1, (int64_t)most);
    return read_rows(store, st, ret, ret_count);
}

/* "+ 0" keeps the planner from the index, whose rows would have to be sorted. */
enum cc_err requests_newest(struct store *store, size_t most, struct request *ret,
                            size_t *ret_count)
{
    static const char withheld[] = "SELECT " REQUESTS_TAGGED " FROM requests"
                                   " WHERE citizen_id IS NULL"
                                   " ORDER BY expires_ms DESC, id DESC LIMIT $1";
    static const char sent[] = "SELECT " REQUESTS_TAGGED " FROM requests"
                               " WHERE citizen_id + 0 IS NOT NULL ORDER BY id DESC LIMIT $1";
    size_t first = 0, more = 0;
    enum cc_err err = CC_OK;
    if (db_ask_ahead(store->db, true)) {
        err = read_newest(store, withheld, most, ret, &first);
        if (err == CC_OK)
            err = read_newest(store, sent, most, ret, &more);
    }
    (void)db_ask_ahead(store->db, false);
    if (err == CC_OK)
        err = read_newest(store, withheld, most, ret, &first);
    if (err == CC_OK)
        err = read_newest(store, sent, most - first, ret + first, &more);
    if (err == CC_OK)
        *ret_count = first + more;
    return err;
}

enum cc_err requests_replace(struct store *store, int64_t citizen_id, bool with_contrast,
                             const struct limits *limits, int64_t now_ms)
{
    if (limits->citizen.live == 0)
        return CC_OK;
    /* Requests that stay come first: the used ones, then the newest. */
    struct db_stmt *st =
        db_query(store->db, "UPDATE requests SET replaced_ms = $1, sealed = NULL WHERE id IN"
                            " (SELECT id FROM requests WHERE " IS_LIVE " AND with_contrast = $9"
                            " ORDER BY CASE WHEN uses > 0 THEN 0 ELSE 1 END, id DESC"
                            " LIMIT 100 OFFSET $10) RETURNING " REQUESTS_TAGGED);
    bind_live(store, st, citizen_id, limits, now_ms);
    DB_BIND(st, 9, db_int(with_contrast), db_int(limits->citizen.live - 1));
    /* a replaced row is dead, so that it does no harm to tag one that was altered */
    return err_allow_absent(rowtag_run(store, ROWTAG_REQUESTS, st, NULL));
}

enum cc_err requests_end(struct store *store, int64_t citizen_id, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE requests SET replaced_ms = $1, sealed = NULL"
                            " WHERE citizen_id = $2 AND expires_ms > $1 AND replaced_ms = 0"
                            " RETURNING " REQUESTS_TAGGED);
    DB_BIND(st, 1, db_int(now_ms), db_int(citizen_id));
    return err_allow_absent(
        rowtag_run(store, ROWTAG_REQUESTS, st, NULL)); /* as in requests_replace() */
}

enum cc_err requests_set_tries(struct store *store, int64_t id, int64_t tries, int64_t limit)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE requests SET tries = $1,"
                            " sealed = CASE WHEN $1 >= $2 THEN NULL ELSE sealed END"
                            " WHERE id = $3"
                            " RETURNING " REQUESTS_TAGGED);
    DB_BIND(st, 1, db_int(tries), db_int(endless_if_none(limit)), db_int(id));
    return rowtag_run(store, ROWTAG_REQUESTS, st, NULL);
}

enum cc_err requests_last_use(struct store *store, int64_t citizen_id, int64_t *ret_ms)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT max(entered_ms) FROM"
                            " (SELECT entered_ms FROM citizens WHERE id = $1 UNION ALL"
                            " SELECT entered_ms FROM requests WHERE citizen_id = $1) AS entries");
    db_bind_int(st, 1, citizen_id);
    return db_run_int(st, ret_ms);
}

enum cc_err requests_set_last_use(struct store *store, int64_t citizen_id, int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, "UPDATE citizens SET entered_ms = $1 WHERE id = $2");
    DB_BIND(st, 1, db_int(now_ms), db_int(citizen_id));
    return db_run_one(st);
}

enum cc_err requests_add_use(struct store *store, const struct request *request, int64_t now_ms,
                             int64_t limit)
{
    uint8_t tag[SECRET_TAG_BYTES];
    rowtag_next(store, &request->image, request->uses + 1, tag);
    struct db_stmt *st =
        db_query(store->db, "UPDATE requests SET uses = $1, row_tag = $2,"
                            " sealed = CASE WHEN $1 >= $3 THEN NULL ELSE sealed END,"
                            " entered_ms = $4 WHERE id = $5");
    DB_BIND(st, 1, db_int(request->uses + 1), db_blob(tag, sizeof tag),
            db_int(endless_if_none(limit)), db_int(now_ms), db_int(request->id));
    return rowtag_run_next(store, ROWTAG_REQUESTS, st, &request->image, tag);
}

enum cc_err requests_touch(struct store *store)
{
    struct db_stmt *st = db_query(store->db, "UPDATE requests SET touched = 1 - touched"
                                             " WHERE id = (SELECT max(id) FROM requests)"
                                             " RETURNING " REQUESTS_TAGGED);
    return rowtag_run_idle(store, ROWTAG_REQUESTS, st);
}
