/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/grades.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (24 * 60 * MINUTE_MS)

const struct grade grades[GRADE_COUNT] = {
    {MINUTE_MS, DAY_MS},
    {15 * MINUTE_MS, 31 * DAY_MS},
    {DAY_MS, 2 * 366 * DAY_MS},
};

int64_t grade_start(int grade, int64_t at_ms)
{
    return at_ms - at_ms % grades[grade].span_ms;
}

int grade_choose(int64_t span_ms, int64_t since_ms, int64_t now_ms)
{
    int grade = 0;
    while (grade + 1 < GRADE_COUNT &&
           (grades[grade].span_ms < span_ms || since_ms < now_ms - grades[grade].kept_ms))
        grade++;
    return grade;
}

enum cc_err grade_sweep(struct store *store, const char *sql, int grade, int64_t now_ms,
                        int64_t batch)
{
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, db_int(grade), db_int(now_ms - grades[grade].kept_ms - grades[grade].span_ms),
            db_int(batch));
    return db_run(st);
}
