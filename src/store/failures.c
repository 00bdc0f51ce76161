/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/failures.h"

#include "base/span.h"
#include "domain/clock_trust.h"
#include "store/db_ahead.h"
#include "store/rowtag.h"
#include "store/seal.h"

#define MONTH_MS (30 * DAY_MS)

enum { NOBODY = -1 };

enum cc_err failures_insert(struct store *store, const struct failure *failure, int64_t now_ms,
                            int64_t *ret_id)
{
    uint8_t ip_tag[SECRET_TAG_BYTES], ip_wide_tag[SECRET_TAG_BYTES];
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO failures (kind, citizen_id, request_id, ip_tag,"
                            " ip_wide_tag, created_ms) VALUES ($1, $2, $3, $4, $5, $6)"
                            " RETURNING " FAILURES_TAGGED);
    DB_BIND(st, 1, db_int((int64_t)failure->kind), db_int(failure->citizen_id),
            db_int(failure->request_id), seal_ip(store, failure->ip, ip_tag),
            seal_ip(store, failure->ip_wide, ip_wide_tag), db_int(now_ms));
    return rowtag_run(store, ROWTAG_FAILURES, st, ret_id);
}

enum cc_err failures_discard(struct store *store, int64_t id)
{
    struct db_stmt *st =
        db_query(store->db, "DELETE FROM failures WHERE id = $1 RETURNING row_tag");
    db_bind_int(st, 1, id);
    return rowtag_run_delete(store, ROWTAG_FAILURES, st);
}

/* A settled row counts no more, so that it does no harm to tag one that was altered. */
static enum cc_err settle_rows(struct store *store, struct db_stmt *st)
{
    return err_allow_absent(rowtag_run(store, ROWTAG_FAILURES, st, NULL));
}

enum cc_err failures_settle_request(struct store *store, int64_t citizen_id, int64_t request_id)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE failures SET settled = 1"
                            " WHERE citizen_id = $1 AND request_id = $2 AND settled = 0"
                            " RETURNING " FAILURES_TAGGED);
    DB_BIND(st, 1, db_int(citizen_id), db_int(request_id));
    return settle_rows(store, st);
}

enum cc_err failures_settle_citizen(struct store *store, int64_t citizen_id)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE failures SET settled = 1 WHERE citizen_id = $1 AND settled = 0"
                            " RETURNING " FAILURES_TAGGED);
    db_bind_int(st, 1, citizen_id);
    return settle_rows(store, st);
}

/* Rows beyond `until` come from a clock that was wrong (DOMAIN 7). */
struct period {
    int64_t since_ms, until_ms;
};

static struct period last_period(int64_t span_ms, int64_t now_ms)
{
    return (struct period){now_ms - span_ms, now_ms + CLOCK_FUTURE_MS};
}

/* Rows are counted here: SQLite takes longer for count(*) of a subquery than for none or a few. */
static enum cc_err count_rows(struct db_stmt *st, int64_t *ret)
{
    int64_t count = 0;
    while (db_step(st))
        count++;
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *ret = count;
    return err;
}

static enum cc_err count_citizen(struct store *store, int64_t citizen_id, enum failure_kind kind,
                                 const struct period *period, int64_t limit, int64_t *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT 1 FROM failures WHERE citizen_id = $1"
                            " AND created_ms > $2 AND created_ms <= $3 AND kind = $4"
                            " AND settled = 0 LIMIT $5");
    DB_BIND(st, 1, db_int(citizen_id != 0 ? citizen_id : NOBODY), db_int(period->since_ms),
            db_int(period->until_ms), db_int((int64_t)kind), db_int(limits_stop_at(limit)));
    return count_rows(st, ret);
}

enum cc_err failures_count_for(struct store *store, int64_t citizen_id, const struct limits *limits,
                               int64_t now_ms, struct limits_citizen *ret)
{
    const struct period month = last_period(MONTH_MS, now_ms);
    return count_citizen(store, citizen_id, FAILURE_CODE, &month, limits->citizen.lock_after,
                         &ret->failures_in_a_row);
}

static enum cc_err count_contrasts_of(struct store *store, int64_t citizen_id, const char *ip,
                                      const struct period *period, int64_t limit, int64_t *ret)
{
    uint8_t ip_tag[SECRET_TAG_BYTES];
    struct db_stmt *st =
        db_query(store->db, "SELECT count(*) FROM (SELECT 1 FROM failures WHERE citizen_id = $1"
                            " AND created_ms > $2 AND created_ms <= $3 AND kind = 1"
                            " AND settled = 0 AND ip_tag IS NOT DISTINCT FROM $4 LIMIT $5) AS t");
    DB_BIND(st, 1, db_int(citizen_id != 0 ? citizen_id : NOBODY), db_int(period->since_ms),
            db_int(period->until_ms), seal_ip(store, ip, ip_tag), db_int(limits_stop_at(limit)));
    return db_run_int(st, ret);
}

enum cc_err failures_count_contrasts(struct store *store, int64_t citizen_id,
                                     const struct limits *limits, const char *ip, int64_t now_ms,
                                     struct limits_citizen *ret)
{
    const struct period day = last_period(DAY_MS, now_ms), month = last_period(MONTH_MS, now_ms);
    enum cc_err err =
        count_contrasts_of(store, citizen_id, ip, &day, limits->citizen.wrong_contrasts_here,
                           &ret->wrong_contrasts_here);
    if (err == CC_OK)
        err = count_citizen(store, citizen_id, FAILURE_CONTRAST, &day,
                            limits->citizen.wrong_contrasts_day, &ret->wrong_contrasts_day);
    if (err == CC_OK)
        err = count_citizen(store, citizen_id, FAILURE_CONTRAST, &month,
                            limits->citizen.wrong_contrasts_month, &ret->wrong_contrasts_month);
    return err;
}

enum cc_err failures_count_secrets(struct store *store, int64_t citizen_id,
                                   const struct limits *limits, int64_t now_ms,
                                   struct credential_failures *ret)
{
    const struct period day = last_period(DAY_MS, now_ms);
    const struct limits_per_citizen *of = &limits->citizen;
    enum cc_err err =
        count_citizen(store, citizen_id, FAILURE_SECRET, &day, of->secret_failures_day, &ret->open);
    if (err == CC_OK)
        err = count_citizen(store, citizen_id, FAILURE_SECRET_WITH_CONTRAST, &day,
                            of->secret_contrast_failures_day, &ret->with_contrast);
    return err;
}

enum cc_err failures_count_ip(struct store *store, const char *ip, int64_t now_ms, int64_t limit,
                              int64_t *ret)
{
    static const char sql[] = "SELECT count(*) FROM (SELECT 1 FROM failures"
                              " WHERE ip_tag = $1 AND created_ms > $2 AND created_ms <= $3"
                              " UNION ALL SELECT 1 FROM failures WHERE ip_wide_tag = $1"
                              " AND created_ms > $2 AND created_ms <= $3 LIMIT $4) AS t";
    return seal_count_ip(store, sql, ip, now_ms, limit, ret);
}

/* Of the whole town; `sql` says what is counted: $1 < created_ms <= $2, at most $3. */
static enum cc_err count_town(struct store *store, const char *sql, const struct period *period,
                              int64_t limit, int64_t *ret)
{
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, db_int(period->since_ms), db_int(period->until_ms),
            db_int(limits_stop_at(limit)));
    return db_run_int(st, ret);
}

#define UNSETTLED                                                                                  \
    " FROM failures WHERE created_ms > $1 AND created_ms <= $2 AND kind = 0 AND settled = 0"       \
    " LIMIT $3) AS t"
static const char nifs_sql[] = "SELECT count(*) FROM (SELECT DISTINCT citizen_id" UNSETTLED;
static const char all_sql[] = "SELECT count(*) FROM (SELECT 1" UNSETTLED;

static enum cc_err count_all_town(struct store *store, const struct limits *limits, int64_t now_ms,
                                  struct limits_town *ret)
{
    int64_t most_nifs = limits->town.nifs_contrast > limits->town.nifs_alarm
                            ? limits->town.nifs_contrast
                            : limits->town.nifs_alarm;
    const struct period day = last_period(DAY_MS, now_ms), month = last_period(MONTH_MS, now_ms);
    enum cc_err err = count_town(store, nifs_sql, &day, most_nifs, &ret->nifs_day);
    if (err == CC_OK)
        err = count_town(store, all_sql, &day, limits->town.failures, &ret->failures_day);
    if (err == CC_OK)
        err = count_town(store, all_sql, &month, limits->town.failures_month, &ret->failures_month);
    return err;
}

enum cc_err failures_count_town(struct store *store, const struct limits *limits, int64_t now_ms,
                                struct limits_town *ret)
{
    struct limits_town unused = {0};
    enum cc_err err = CC_OK;
    if (db_ask_ahead(store->db, true))
        err = count_all_town(store, limits, now_ms, &unused);
    (void)db_ask_ahead(store->db, false);
    return err == CC_OK ? count_all_town(store, limits, now_ms, ret) : err;
}

enum cc_err failures_count_since(struct store *store, int64_t since_ms, int64_t now_ms,
                                 int64_t limit, int64_t *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT count(*) FROM (SELECT 1 FROM failures WHERE created_ms >= $1"
                            " AND created_ms <= $2 LIMIT $3) AS t");
    DB_BIND(st, 1, db_int(since_ms), db_int(now_ms + CLOCK_FUTURE_MS), db_int(limit));
    return db_run_int(st, ret);
}
