/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the limits count. Each count stops at its limit plus one, on an index, so that whoever fills
 * the tables does not slow the next answer.
 */
#include "store/requests.h"

#include "store/seal.h"

#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

/* Where a limit is off (0) nobody decides by the number; it is shown, and may stop early. */
static int64_t stop_at(int64_t limit)
{
    static const int64_t shown_at_most = 100;
    return limit > 0 ? limit + 1 : shown_at_most;
}

enum cc_err failures_insert(struct store *store, int64_t citizen_id, int64_t request_id,
                            const char *ip, int64_t now_ms)
{
    uint8_t ip_tag[SECRET_TAG_BYTES];
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO failures (citizen_id, request_id, ip_tag, created_ms)"
                            " VALUES ($1, $2, $3, $4)");
    db_bind_int(st, 1, citizen_id);
    db_bind_int(st, 2, request_id);
    seal_bind_ip(store, st, 3, ip, ip_tag);
    db_bind_int(st, 4, now_ms);
    return db_run(st);
}

enum cc_err ip_requests_insert(struct store *store, const char *ip, int64_t now_ms)
{
    if (ip[0] == '\0')
        return CC_OK;
    uint8_t ip_tag[SECRET_TAG_BYTES];
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO ip_requests (ip_tag, created_ms) VALUES ($1, $2)");
    seal_bind_ip(store, st, 1, ip, ip_tag);
    db_bind_int(st, 2, now_ms);
    return db_run(st);
}

static enum cc_err count_ip(struct store *store, const char *sql, const char *ip, int64_t now_ms,
                            int64_t limit, int64_t *ret)
{
    if (ip[0] == '\0') {
        *ret = 0;
        return CC_OK;
    }
    uint8_t ip_tag[SECRET_TAG_BYTES];
    struct db_stmt *st = db_query(store->db, sql);
    seal_bind_ip(store, st, 1, ip, ip_tag);
    db_bind_int(st, 2, now_ms - HOUR_MS);
    db_bind_int(st, 3, limit);
    return db_run_int(st, ret);
}

enum cc_err requests_count_ip(struct store *store, const char *ip, int64_t now_ms, int64_t limit,
                              int64_t *ret)
{
    return count_ip(store,
                    "SELECT count(*) FROM (SELECT 1 FROM ip_requests"
                    " WHERE ip_tag = $1 AND created_ms > $2 LIMIT $3) AS t",
                    ip, now_ms, limit, ret);
}

enum cc_err failures_count_ip(struct store *store, const char *ip, int64_t now_ms, int64_t limit,
                              int64_t *ret)
{
    return count_ip(store,
                    "SELECT count(*) FROM (SELECT 1 FROM failures"
                    " WHERE ip_tag = $1 AND created_ms > $2 LIMIT $3) AS t",
                    ip, now_ms, limit, ret);
}

enum cc_err failures_count_town(struct store *store, int64_t since_ms, int64_t limit, int64_t *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT count(*) FROM (SELECT 1 FROM failures"
                                             " WHERE created_ms > $1 LIMIT $2) AS t");
    db_bind_int(st, 1, since_ms);
    db_bind_int(st, 2, limit);
    return db_run_int(st, ret);
}

enum { NOBODY = -1 };

static enum cc_err count_live(struct store *store, int64_t citizen_id, const struct limits *limits,
                              int64_t now_ms, int64_t *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT count(*) FROM (SELECT 1 FROM requests"
                            " WHERE citizen_id = $1 AND expires_ms > $2"
                            " AND ($3 = 0 OR tries < $3) AND ($4 = 0 OR uses < $4) LIMIT $5) AS t");
    db_bind_int(st, 1, citizen_id);
    db_bind_int(st, 2, now_ms);
    db_bind_int(st, 3, limits->tries_per_request);
    db_bind_int(st, 4, limits->uses_per_request);
    db_bind_int(st, 5, stop_at(limits->live_per_nif));
    return db_run_int(st, ret);
}

static enum cc_err count_since(struct store *store, const char *sql, int64_t citizen_id,
                               int64_t since_ms, int64_t limit, int64_t *ret)
{
    struct db_stmt *st = db_query(store->db, sql);
    db_bind_int(st, 1, citizen_id);
    db_bind_int(st, 2, since_ms);
    db_bind_int(st, 3, stop_at(limit));
    return db_run_int(st, ret);
}

static enum cc_err newest_request(struct store *store, int64_t citizen_id, int64_t *ret)
{
    struct db_stmt *st = db_query(
        store->db, "SELECT coalesce(max(created_ms), 0) FROM requests WHERE citizen_id = $1");
    db_bind_int(st, 1, citizen_id);
    return db_run_int(st, ret);
}

static enum cc_err count_phone(struct store *store, const char *phone, int64_t since_ms,
                               int64_t limit, int64_t *ret)
{
    *ret = 0;
    if (!phone || phone[0] == '\0')
        return CC_OK;
    uint8_t phone_index[SECRET_TAG_BYTES];
    seal_phone_index(store, phone, phone_index);
    struct db_stmt *st = db_query(
        store->db, "SELECT count(*) FROM (SELECT 1 FROM outbox"
                   " WHERE phone_index = $1 AND created_ms > $2 AND class < 2 LIMIT $3) AS t");
    db_bind_blob(st, 1, phone_index, sizeof phone_index);
    db_bind_int(st, 2, since_ms);
    db_bind_int(st, 3, stop_at(limit));
    return db_run_int(st, ret);
}

static enum cc_err count_citizen(struct store *store, int64_t citizen_id, const char *phone,
                                 const struct limits *limits, int64_t now_ms,
                                 struct limits_citizen *ret)
{
    static const char requests_sql[] = "SELECT count(*) FROM (SELECT 1 FROM requests"
                                       " WHERE citizen_id = $1 AND created_ms > $2 LIMIT $3) AS t";
    static const char failures_sql[] = "SELECT count(*) FROM (SELECT 1 FROM failures"
                                       " WHERE citizen_id = $1 AND created_ms > $2 LIMIT $3) AS t";
    enum cc_err err = count_live(store, citizen_id, limits, now_ms, &ret->live);
    if (err == CC_OK)
        err = count_since(store, failures_sql, citizen_id, now_ms - DAY_MS,
                          limits->failures_per_nif_day, &ret->failures_day);
    if (err == CC_OK)
        err = newest_request(store, citizen_id, &ret->last_request_ms);
    if (err == CC_OK)
        err = count_since(store, requests_sql, citizen_id, now_ms - HOUR_MS,
                          limits->requests_per_nif_hour, &ret->requests_hour);
    if (err == CC_OK)
        err = count_since(store, requests_sql, citizen_id, now_ms - DAY_MS,
                          limits->requests_per_nif_day, &ret->requests_day);
    if (err == CC_OK)
        err = count_phone(store, phone, now_ms - DAY_MS, limits->sms_per_phone_day,
                          &ret->phone_sms_day);
    return err;
}

enum cc_err requests_count_for(struct store *store, int64_t citizen_id, const char *phone,
                               const struct limits *limits, int64_t now_ms,
                               struct limits_citizen *ret)
{
    struct limits_citizen counted = *ret;
    enum cc_err err = failures_count_town(
        store, now_ms - DAY_MS, stop_at(limits->town_contrast_day), &counted.town_failures_day);
    if (err == CC_OK) /* for an unknown one too, over nobody's rows: it must take as long */
        err = count_citizen(store, citizen_id != 0 ? citizen_id : NOBODY, phone, limits, now_ms,
                            &counted);
    if (err == CC_OK)
        *ret = counted;
    return err;
}
