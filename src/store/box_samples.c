/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/box_samples.h"

#include "store/grades.h"

#include <stddef.h>

/* Steps of the durations: 64 different ones, of which a period has a few. */
static const struct {
    int64_t until_s, step_s;
} steps[] = {
    {10, 1}, {30, 2}, {60, 5}, {180, 15}, {600, 60}, {3600, 300}, {14400, 1800}, {86400, 7200},
};
enum {
    STEP_COUNT = sizeof steps / sizeof steps[0],
    DURATIONS_MAX = 128,
    SWEEP_BATCH = 256, /* of durations of each grade: more than a minute adds */
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
            err = grade_sweep(store, GRADE_SWEEP_SQL("box_samples"), grade, now_ms, SWEEP_BATCH);
        if (err == CC_OK)
            err = grade_sweep(store, GRADE_SWEEP_SQL("deliveries"), grade, now_ms, SWEEP_BATCH);
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

/* ---- reading -------------------------------------------------------------------------------- */

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
    enum cc_err err = db_finish(looks), other = db_finish(deliveries);
    if (err == CC_OK)
        err = other;
    if (err == CC_OK)
        *span_ms_io = grades[grade].span_ms;
    return err;
}
