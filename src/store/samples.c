/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/samples.h"

#include "base/span.h"

#include <stddef.h>

/* Units: ms. */
static const struct {
    int64_t span_ms, kept_ms;
} grades[] = {
    {MINUTE_MS, DAY_MS},
    {15 * MINUTE_MS, 31 * DAY_MS},
    {DAY_MS, 2 * 366 * DAY_MS},
};
enum { GRADE_COUNT = sizeof(grades) / sizeof(grades[0]), GRADE_ROWS_MAX = 3000 /* of a list */ };

/* The start of the row that an instant belongs to. */
static int64_t grade_start(int grade, int64_t at_ms)
{
    return at_ms - at_ms % grades[grade].span_ms;
}

/* The finest grade that reaches back to since_ms and whose rows last at least span_ms. */
static int grade_choose(int64_t span_ms, int64_t since_ms, int64_t now_ms)
{
    int grade = 0;
    while (grade + 1 < GRADE_COUNT &&
           (grades[grade].span_ms < span_ms || since_ms < now_ms - grades[grade].kept_ms))
        grade++;
    return grade;
}

/*
 * SQL that deletes the oldest rows of a grade which are due, of all boxes and modems: those that
 * are gone have no other sweep. The table has the columns grade and start_ms.
 */
#define GRADE_SWEEP_SQL(table)                                                                     \
    "DELETE FROM " table " WHERE grade = $1 AND start_ms <= (SELECT max(start_ms)"                 \
    " FROM (SELECT start_ms FROM " table " WHERE grade = $1 AND start_ms < $2"                     \
    " ORDER BY start_ms LIMIT $3) AS oldest)"
/* Runs a GRADE_SWEEP_SQL() on `batch` rows, and on those of the same instant as the last. */
static enum cc_err grade_sweep(struct store *store, const char *sql, int grade, int64_t now_ms,
                               int64_t batch)
{
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, db_int(grade), db_int(now_ms - grades[grade].kept_ms - grades[grade].span_ms),
            db_int(batch));
    return db_run(st);
}

/* ---- readings of the modems ----------------------------------------------------------------- */

enum { MODEM_SWEEP_BATCH = 32 /* of each grade and insert, which adds one row at most */ };

static struct db_value known(int64_t value)
{
    return value == SAMPLES_UNKNOWN ? db_null() : db_int(value);
}

static struct db_value known_or_0(int64_t value)
{
    return db_int(value == SAMPLES_UNKNOWN ? 0 : value);
}

static struct db_value count_known(int64_t value)
{
    return db_int(value != SAMPLES_UNKNOWN);
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

static enum cc_err add_point(struct store *store, int grade, const struct samples_point *point,
                             int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, add_sql);
    DB_BIND(st, 1, db_int(grade), db_int(grade_start(grade, now_ms)), db_text(point->modem),
            db_int(point->is_registered), known(point->rat), known_or_0(point->signal_dbm),
            count_known(point->signal_dbm), known(point->signal_dbm), known_or_0(point->rsrp_dbm),
            count_known(point->rsrp_dbm), known_or_0(point->rsrq_cb), count_known(point->rsrq_cb),
            known(point->temperature_c), known(point->supply_mv), known(point->storage_used),
            known(point->storage_total), db_int(point->sent), db_int(point->refused),
            db_int(point->unknown), db_text(store->box));
    return db_run(st);
}

enum cc_err samples_insert(struct store *store, const struct samples_point *point, int64_t now_ms)
{
    enum cc_err err = CC_OK;
    for (int grade = 0; grade < GRADE_COUNT && err == CC_OK; grade++) {
        err = add_point(store, grade, point, now_ms);
        if (err == CC_OK)
            err = grade_sweep(store, GRADE_SWEEP_SQL("samples"), grade, now_ms, MODEM_SWEEP_BATCH);
    }
    return err;
}

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
    enum { DAYS = 7 };
    int64_t hour = 0, days = 0;
    enum cc_err err = count_sends(store, 0, now_ms - HOUR_MS, now_ms, &hour);
    for (int day = 1; day <= DAYS && err == CC_OK; day++) {
        int64_t sent = 0, until_ms = now_ms - day * DAY_MS;
        err = count_sends(store, 1, until_ms - HOUR_MS, until_ms, &sent);
        days += sent;
    }
    if (err != CC_OK)
        return err;
    *ret_hour = hour;
    *ret_usual = days / DAYS;
    return CC_OK;
}

/* ---- the box -------------------------------------------------------------------------------- */

/* Steps of the durations: 64 different ones, of which a period has a few. */
static const struct {
    int64_t until_s, step_s;
} steps[] = {
    {10, 1}, {30, 2}, {60, 5}, {180, 15}, {600, 60}, {3600, 300}, {14400, 1800}, {86400, 7200},
};
enum {
    STEP_COUNT = sizeof steps / sizeof steps[0],
    DURATIONS_MAX = 128,
    BOX_SWEEP_BATCH = 256, /* of durations of each grade: more than a minute adds */
};

int64_t box_samples_round_s(int64_t took_ms)
{
    int64_t took_s = took_ms > 0 ? (took_ms + 999) / 1000 : 1;
    for (size_t i = 0; i < STEP_COUNT; i++)
        if (took_s <= steps[i].until_s)
            return (took_s + steps[i].step_s - 1) / steps[i].step_s * steps[i].step_s;
    return steps[STEP_COUNT - 1].until_s;
}

static enum cc_err add_look(struct store *store, int grade, int64_t queued, int64_t now_ms)
{
    struct db_stmt *st = db_query(
        store->db, "INSERT INTO box_samples (grade, start_ms, box, count, queued_max)"
                   " VALUES ($1, $2, $3, 1, $4) ON CONFLICT (grade, start_ms, box) DO UPDATE"
                   " SET queued_max = CASE WHEN excluded.queued_max > box_samples.queued_max"
                   " THEN excluded.queued_max ELSE box_samples.queued_max END,"
                   " count = box_samples.count + 1");
    DB_BIND(st, 1, db_int(grade), db_int(grade_start(grade, now_ms)), db_text(store->box),
            db_int(queued));
    return db_run(st);
}

enum cc_err box_samples_insert(struct store *store, int64_t queued, int64_t now_ms)
{
    enum cc_err err = CC_OK;
    for (int grade = 0; grade < GRADE_COUNT && err == CC_OK; grade++) {
        err = add_look(store, grade, queued, now_ms);
        if (err == CC_OK)
            err =
                grade_sweep(store, GRADE_SWEEP_SQL("box_samples"), grade, now_ms, BOX_SWEEP_BATCH);
        if (err == CC_OK)
            err = grade_sweep(store, GRADE_SWEEP_SQL("deliveries"), grade, now_ms, BOX_SWEEP_BATCH);
    }
    return err;
}

enum cc_err box_samples_add_delivery(struct store *store, int64_t took_ms, int64_t now_ms)
{
    enum cc_err err = CC_OK;
    for (int grade = 0; grade < GRADE_COUNT && err == CC_OK; grade++) {
        struct db_stmt *st = db_query(
            store->db, "INSERT INTO deliveries (grade, start_ms, box, seconds, count)"
                       " VALUES ($1, $2, $3, $4, 1) ON CONFLICT (grade, start_ms, box, seconds)"
                       " DO UPDATE SET count = deliveries.count + 1");
        DB_BIND(st, 1, db_int(grade), db_int(grade_start(grade, now_ms)), db_text(store->box),
                db_int(box_samples_round_s(took_ms)));
        err = db_run(st);
    }
    return err;
}

/* The durations of a period, shortest first. */
struct durations {
    struct {
        int64_t seconds, count;
    } rows[DURATIONS_MAX];
    size_t length;
    int64_t total;
};

static int64_t at_percent(const struct durations *durations, int64_t percent)
{
    int64_t rank = (durations->total * percent + 99) / 100, passed = 0;
    for (size_t i = 0; i < durations->length; i++) {
        passed += durations->rows[i].count;
        if (passed >= rank)
            return durations->rows[i].seconds;
    }
    return -1;
}

/* Takes the durations of the period that begins then. Those before it have no look at the queue
 * beside them, and are left out. False: no further row of them is there. */
static bool take_durations(struct db_stmt *st, bool more, int64_t start_ms, struct durations *ret)
{
    ret->length = 0;
    ret->total = 0;
    for (; more && db_column_int(st, 0) <= start_ms; more = db_step(st)) {
        if (db_column_int(st, 0) < start_ms || ret->length == DURATIONS_MAX)
            continue;
        ret->rows[ret->length].seconds = db_column_int(st, 1);
        ret->rows[ret->length].count = db_column_int(st, 2);
        ret->total += ret->rows[ret->length++].count;
    }
    return more;
}

/* Both in the order of their instants. */
static void read_periods(struct db_stmt *looks, struct db_stmt *deliveries,
                         bool (*visit)(const struct box_samples_row *, void *user), void *user)
{
    struct durations durations;
    bool more = true, has_more = db_step(deliveries);
    for (int i = 0; i < GRADE_ROWS_MAX && more && db_step(looks); i++) {
        int64_t start_ms = db_column_int(looks, 0);
        has_more = take_durations(deliveries, has_more, start_ms, &durations);
        const struct box_samples_row row = {.start_ms = start_ms,
                                            .count = db_column_int(looks, 1),
                                            .queued = db_column_int(looks, 2),
                                            .delivered = durations.total,
                                            .p50_s = at_percent(&durations, 50),
                                            .p90_s = at_percent(&durations, 90)};
        more = visit(&row, user);
    }
}

static struct db_stmt *query_period(struct store *store, const char *sql, int grade,
                                    int64_t since_ms, int64_t now_ms)
{
    struct db_stmt *st = db_query(store->db, sql);
    /* also the row that since_ms is amid */
    DB_BIND(st, 1, db_int(grade), db_int(since_ms - grades[grade].span_ms), db_int(now_ms),
            db_text(store->box));
    return st;
}

#define IN_PERIOD                                                                                  \
    " WHERE grade = $1 AND start_ms > $2 AND start_ms <= $3 AND box = $4 ORDER BY start_ms"

enum cc_err box_samples_list(struct store *store, int64_t since_ms, int64_t now_ms,
                             bool (*visit)(const struct box_samples_row *, void *user), void *user,
                             int64_t *span_ms_io)
{
    int grade = grade_choose(*span_ms_io, since_ms, now_ms);
    struct db_stmt *looks =
        query_period(store, "SELECT start_ms, count, queued_max FROM box_samples" IN_PERIOD, grade,
                     since_ms, now_ms);
    struct db_stmt *deliveries = query_period(
        store, "SELECT start_ms, seconds, count FROM deliveries" IN_PERIOD ", box, seconds", grade,
        since_ms, now_ms);
    read_periods(looks, deliveries, visit, user);
    enum cc_err err = db_finish_with(looks, db_finish(deliveries));
    if (err == CC_OK)
        *span_ms_io = grades[grade].span_ms;
    return err;
}
