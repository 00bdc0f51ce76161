/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Grades of a series that thins with age: rows of a minute are kept for a day, of a quarter of an
 * hour for a month, of a day (of UTC) for two years.
 */
#ifndef CC_STORE_GRADES_H
#define CC_STORE_GRADES_H

#include "store/store.h"

#include <stdint.h>

enum { GRADE_COUNT = 3, GRADE_ROWS_MAX = 3000 /* of a list */ };

/* Units: ms. */
struct grade {
    int64_t span_ms, kept_ms;
};
extern const struct grade grades[GRADE_COUNT];

/* The start of the row that an instant belongs to. */
int64_t grade_start(int grade, int64_t at_ms);
/* The finest grade that reaches back to since_ms and whose rows last at least span_ms. */
int grade_choose(int64_t span_ms, int64_t since_ms, int64_t now_ms);
/*
 * SQL that deletes the oldest rows of a grade which are due, of all boxes and modems: those that
 * are gone have no other sweep. The table has the columns grade and start_ms.
 */
#define GRADE_SWEEP_SQL(table)                                                                     \
    "DELETE FROM " table " WHERE grade = $1 AND start_ms <= (SELECT max(start_ms)"                 \
    " FROM (SELECT start_ms FROM " table " WHERE grade = $1 AND start_ms < $2"                     \
    " ORDER BY start_ms LIMIT $3) AS oldest)"
/* Runs a GRADE_SWEEP_SQL() on `batch` rows, and on those of the same instant as the last. Errors:
 * CC_ERR_DB. */
enum cc_err grade_sweep(struct store *store, const char *sql, int grade, int64_t now_ms,
                        int64_t batch) CC_MUST_CHECK;

#endif
