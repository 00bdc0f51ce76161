/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/samples.h"

#include "store/grades.h"

#include <stddef.h>

enum { SWEEP_BATCH = 32 /* of each grade and insert, which adds one row at most */ };

static void bind_known(struct db_stmt *st, int index, int64_t value)
{
    if (value == SAMPLES_UNKNOWN)
        db_bind_null(st, index);
    else
        db_bind_int(st, index, value);
}

/* The sum and the count of one value. */
static void bind_sum(struct db_stmt *st, int index, int64_t value)
{
    bool is_known = value != SAMPLES_UNKNOWN;
    db_bind_int(st, index, is_known ? value : 0);
    db_bind_int(st, index + 1, is_known);
}

/* min() and max() of two columns have other names in other engines. */
#define LOWER(column)                                                                              \
    column " = CASE WHEN samples." column " IS NULL OR excluded." column " < samples." column      \
           " THEN excluded." column " ELSE samples." column " END,"
#define HIGHER(column)                                                                             \
    column " = CASE WHEN samples." column " IS NULL OR excluded." column " > samples." column      \
           " THEN excluded." column " ELSE samples." column " END,"
#define SUM(column) column " = samples." column " + excluded." column ","
#define LAST(column) column " = coalesce(excluded." column ", samples." column "),"

static const char add_sql[] =
    "INSERT INTO samples (grade, start_ms, modem, count, registered, rat, signal_sum,"
    " signal_count, signal_min, rsrp_sum, rsrp_count, rsrq_sum, rsrq_count, temperature_max,"
    " supply_min, storage_max, storage_total, sent, refused, unknown, box)"
    " VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20)"
    " ON CONFLICT (grade, start_ms, modem, box) DO UPDATE SET " SUM("registered") LAST("rat")
        SUM("signal_sum") SUM("signal_count") LOWER("signal_min") SUM("rsrp_sum") SUM("rsrp_count")
            SUM("rsrq_sum") SUM("rsrq_count") HIGHER("temperature_max") LOWER("supply_min")
                HIGHER("storage_max") LAST("storage_total") SUM("sent") SUM("refused")
                    SUM("unknown") "count = samples.count + 1";

static enum cc_err add(struct store *store, int grade, const struct samples_point *point,
                       int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, add_sql);
    DB_BIND(st, 1, db_int(grade), db_int(grade_start(grade, now_ms)), db_text(point->modem),
            db_int(point->is_registered));
    bind_known(st, 5, point->rat);
    bind_sum(st, 6, point->signal_dbm);
    bind_known(st, 8, point->signal_dbm);
    bind_sum(st, 9, point->rsrp_dbm);
    bind_sum(st, 11, point->rsrq_cb);
    bind_known(st, 13, point->temperature_c);
    bind_known(st, 14, point->supply_mv);
    bind_known(st, 15, point->storage_used);
    bind_known(st, 16, point->storage_total);
    DB_BIND(st, 17, db_int(point->sent), db_int(point->refused), db_int(point->unknown),
            db_text(store->box));
    return db_run(st);
}

enum cc_err samples_insert(struct store *store, const struct samples_point *point, int64_t now_ms)
{
    enum cc_err err = CC_OK;
    for (int grade = 0; grade < GRADE_COUNT && err == CC_OK; grade++) {
        err = add(store, grade, point, now_ms);
        if (err == CC_OK)
            err = grade_sweep(store, GRADE_SWEEP_SQL("samples"), grade, now_ms, SWEEP_BATCH);
    }
    return err;
}

/* ---- reading -------------------------------------------------------------------------------- */

static int64_t known_or_null(struct db_stmt *st, int column)
{
    return db_column_is_null(st, column) ? SAMPLES_UNKNOWN : db_column_int(st, column);
}

/* Rounded to the nearest, also below zero. */
static int64_t mean_of(struct db_stmt *st, int sum_column)
{
    int64_t sum = db_column_int(st, sum_column), count = db_column_int(st, sum_column + 1);
    if (count == 0)
        return SAMPLES_UNKNOWN;
    return (2 * sum + (sum < 0 ? -count : count)) / (2 * count);
}

static void read_row(struct db_stmt *st, struct samples_row *ret)
{
    *ret = (struct samples_row){
        .start_ms = db_column_int(st, 0),
        .count = db_column_int(st, 1),
        .registered = db_column_int(st, 2),
        .rat = known_or_null(st, 3),
        .signal_dbm = mean_of(st, 4),
        .signal_min_dbm = known_or_null(st, 6),
        .rsrp_dbm = mean_of(st, 7),
        .rsrq_cb = mean_of(st, 9),
        .temperature_c = known_or_null(st, 11),
        .supply_mv = known_or_null(st, 12),
        .storage_used = known_or_null(st, 13),
        .storage_total = known_or_null(st, 14),
        .sent = db_column_int(st, 15),
        .refused = db_column_int(st, 16),
        .unknown = db_column_int(st, 17),
    };
}

enum cc_err samples_list(struct store *store, const char *modem, int64_t since_ms, int64_t now_ms,
                         bool (*visit)(const struct samples_row *, void *user), void *user,
                         int64_t *span_ms_io)
{
    int grade = grade_choose(*span_ms_io, since_ms, now_ms);
    int64_t span_ms = grades[grade].span_ms;
    struct db_stmt *st = db_query(
        store->db, "SELECT start_ms, count, registered, rat, signal_sum, signal_count, signal_min,"
                   " rsrp_sum, rsrp_count, rsrq_sum, rsrq_count, temperature_max, supply_min,"
                   " storage_max, storage_total, sent, refused, unknown FROM samples"
                   " WHERE grade = $1 AND start_ms > $2 AND start_ms <= $3 AND modem = $4"
                   " AND box = $5 ORDER BY start_ms LIMIT $6");
    /* also the row that since_ms is amid */
    DB_BIND(st, 1, db_int(grade), db_int(since_ms - span_ms), db_int(now_ms), db_text(modem),
            db_text(store->box), db_int(GRADE_ROWS_MAX));
    bool more = true;
    while (more && db_step(st)) {
        struct samples_row row;
        read_row(st, &row);
        more = visit(&row, user);
    }
    enum cc_err err = db_finish(st);
    if (err == CC_OK)
        *span_ms_io = span_ms;
    return err;
}

/* grade 0 counts minutes, 1 quarters of an hour. */
static enum cc_err count_sends(struct store *store, int grade, int64_t since_ms, int64_t until_ms,
                               int64_t *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT coalesce(sum(sent), 0) FROM samples"
                                             " WHERE grade = $1 AND start_ms >= $2"
                                             " AND start_ms < $3");
    DB_BIND(st, 1, db_int(grade), db_int(since_ms), db_int(until_ms));
    return db_run_int(st, ret);
}

enum cc_err samples_count_sends(struct store *store, int64_t now_ms, int64_t *ret_hour,
                                int64_t *ret_usual)
{
    static const int64_t hour_ms = INT64_C(3600000), day_ms = 24 * INT64_C(3600000);
    enum { DAYS = 7 };
    int64_t hour = 0, days = 0;
    enum cc_err err = count_sends(store, 0, now_ms - hour_ms, now_ms, &hour);
    for (int day = 1; day <= DAYS && err == CC_OK; day++) {
        int64_t sent = 0, until_ms = now_ms - day * day_ms;
        err = count_sends(store, 1, until_ms - hour_ms, until_ms, &sent);
        days += sent;
    }
    if (err != CC_OK)
        return err;
    *ret_hour = hour;
    *ret_usual = days / DAYS;
    return CC_OK;
}
