/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Counts requests for the limits. Each count stops at its limit plus one, on an index, so that a
 * full table does not slow the next answer.
 */
#include "store/requests.h"

#include "base/span.h"
#include "domain/clock_trust.h"
#include "store/seal.h"

enum { NOBODY = -1 };

enum cc_err ip_requests_insert(struct store *store, const char *ip, int64_t now_ms)
{
    if (ip[0] == '\0')
        return CC_OK;
    uint8_t ip_tag[SECRET_TAG_BYTES];
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO ip_requests (ip_tag, created_ms) VALUES ($1, $2)");
    DB_BIND(st, 1, seal_ip(store, ip, ip_tag), db_int(now_ms));
    return db_run(st);
}

enum cc_err requests_count_ip(struct store *store, const char *ip, int64_t now_ms, int64_t limit,
                              int64_t *ret)
{
    static const char sql[] = "SELECT count(*) FROM (SELECT 1 FROM ip_requests"
                              " WHERE ip_tag = $1 AND created_ms > $2 AND created_ms <= $3"
                              " LIMIT $4) AS t";
    return seal_count_ip(store, sql, ip, now_ms, limit, ret);
}

/* Sent in one way: with the contrast, or without. */
struct way {
    int64_t citizen_id;
    bool with_contrast;
    int64_t newest_ms; /* rows beyond come from a clock that was wrong */
};

static enum cc_err count_since(struct store *store, const struct way *way, int64_t since_ms,
                               int64_t limit, int64_t *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT count(*) FROM (SELECT 1 FROM requests WHERE citizen_id = $1"
                            " AND created_ms > $2 AND created_ms <= $3 AND with_contrast = $4"
                            " LIMIT $5) AS t");
    DB_BIND(st, 1, db_int(way->citizen_id), db_int(since_ms), db_int(way->newest_ms),
            db_int(way->with_contrast), db_int(limits_stop_at(limit)));
    return db_run_int(st, ret);
}

static enum cc_err newest_request(struct store *store, const struct way *way, int64_t *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT coalesce(max(created_ms), 0) FROM requests"
                            " WHERE citizen_id = $1 AND created_ms <= $2 AND with_contrast = $3");
    DB_BIND(st, 1, db_int(way->citizen_id), db_int(way->newest_ms), db_int(way->with_contrast));
    return db_run_int(st, ret);
}

static const char all_of_phone_sql[] =
    "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE phone_index = $1 AND created_ms > $2"
    " AND created_ms <= $3 AND class < 2 LIMIT $4) AS t";
static const char own_of_phone_sql[] =
    "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE phone_index = $1 AND created_ms > $2"
    " AND created_ms <= $3 AND (class = 0 OR (class = 1 AND request_id <> 0)) LIMIT $4) AS t";
static const char secret_of_phone_sql[] =
    "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE phone_index = $1 AND created_ms > $2"
    " AND created_ms <= $3 AND class = 1 AND request_id <> 0 LIMIT $4) AS t";

static enum cc_err count_phone(struct store *store, const char *sql, const char *phone,
                               int64_t now_ms, int64_t limit, int64_t *ret)
{
    uint8_t phone_index[SECRET_TAG_BYTES];
    seal_phone_index(store, phone, phone_index);
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, db_blob(phone_index, sizeof(phone_index)), db_int(now_ms - DAY_MS),
            db_int(now_ms + CLOCK_FUTURE_MS), db_int(limits_stop_at(limit)));
    return db_run_int(st, ret);
}

enum cc_err requests_count_for(struct store *store, int64_t citizen_id, const char *phone,
                               bool with_contrast, const struct limits *limits, int64_t now_ms,
                               struct limits_citizen *ret)
{
    struct limits_citizen counted = *ret;
    const struct way way = {citizen_id != 0 ? citizen_id : NOBODY, with_contrast,
                            now_ms + CLOCK_FUTURE_MS};
    int64_t hour = with_contrast ? limits->citizen.contrast_sends_hour : limits->citizen.sends_hour;
    int64_t day = with_contrast ? limits->citizen.contrast_sends_day : limits->citizen.sends_day;
    enum cc_err err = newest_request(store, &way, &counted.last_request_ms);
    if (err == CC_OK)
        err = count_since(store, &way, now_ms - HOUR_MS, hour, &counted.requests_hour);
    if (err == CC_OK)
        err = count_since(store, &way, now_ms - DAY_MS, day, &counted.requests_day);
    if (err == CC_OK)
        err = count_phone(store, own_of_phone_sql, phone, now_ms, limits->citizen.sms_per_phone_day,
                          &counted.phone_sms_day);
    if (err == CC_OK)
        *ret = counted;
    return err;
}

enum cc_err requests_check_phone(struct store *store, const char *phone,
                                 enum requests_messages which, int64_t most, int64_t now_ms,
                                 bool *ret)
{
    static const char *const sqls[] = {[REQUESTS_OWN] = own_of_phone_sql,
                                       [REQUESTS_ALL] = all_of_phone_sql,
                                       [REQUESTS_SECRET] = secret_of_phone_sql};
    int64_t counted = 0;
    enum cc_err err = count_phone(store, sqls[which], phone, now_ms, most, &counted);
    if (err == CC_OK)
        *ret = most == 0 || counted < most;
    return err;
}
