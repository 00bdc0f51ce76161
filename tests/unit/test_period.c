/* SPDX-License-Identifier: EUPL-1.2 */
/* Periods: what the town may write, and on which days each is open. */
#include "domain/period.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

/* The local midnight that 24 November 2026 begins with, and the last millisecond of that day. */
#define BEGINS_MS INT64_C(1795474800000)
#define ENDS_MS (BEGINS_MS + INT64_C(86400000) - 1)
#define DAY_MS INT64_C(86400000)

static void each_period(void **state)
{
    static const struct {
        const char *text;
        bool before, first, last, after; /* at the milliseconds around and in that day */
    } rows[] = {
        {"si", true, true, true, true},
        {"sí", true, true, true, true},
        {"no", false, false, false, false},
        {"desde 2026-11-24", false, true, true, true},
        {"desde 2026-11-25", false, false, false, true},
        {"hasta 2026-11-24", true, true, true, false},
        {"hasta 2026-11-23", true, false, false, false},
        {"desde 2026-11-24 hasta 2026-11-24", false, true, true, false},
        {"desde 2000-01-01 hasta 9999-12-31", true, true, true, true},
        {"desde 2024-02-29 hasta 2028-02-29", true, true, true, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct period period;
        assert_int_equal(period_parse(rows[i].text, &period), CC_OK);
        assert_int_equal(period_has(&period, BEGINS_MS - 1), rows[i].before);
        assert_int_equal(period_has(&period, BEGINS_MS), rows[i].first);
        assert_int_equal(period_has(&period, ENDS_MS), rows[i].last);
        assert_int_equal(period_has(&period, ENDS_MS + 1), rows[i].after);
    }
}

static void no_periods(void **state)
{
    static const char *const rows[] = {
        "",
        "SI",
        "true",
        "no ",
        " si",
        "desde",
        "desde ",
        "hasta ",
        "2026-01-01",
        "desde 2026-1-1",
        "desde 2026-01-01 ",
        "desde 2026-01-01  hasta 2026-01-02",
        "desde 2026-01-01hasta 2026-01-02",
        "desde 2026-01-01 hasta",
        "desde 2026-01-01 2026-01-02",
        "hasta 2026-01-02 desde 2026-01-01",
        "desde 2026-01-02 hasta 2026-01-01",
        "desde 2026-02-29",
        "desde 2100-02-29",
        "desde 2026-04-31",
        "desde 2026-00-10",
        "desde 2026-13-10",
        "desde 2026-01-00",
        "desde 1999-12-31",
        "desde 2026/01/01",
        "desde 01-01-2026",
        "desde 2026-01-0x",
        "desde 2026-01-01x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct period period = {5, 5};
        if (period_parse(rows[i], &period) != CC_ERR_RANGE)
            fail_msg("taken: '%s'", rows[i]);
        assert_int_equal(period.first, 5);
    }
}

static void each_last_day(void **state)
{
    static const struct {
        const char *text;
        int64_t day; /* since 1970-01-01; -1 = there is none */
    } rows[] = {
        {"si", -1},
        {"no", -1},
        {"desde 2026-11-24", -1},
        {"hasta 2000-03-01", 11017},
        {"hasta 2024-02-29", 19782},
        {"desde 2026-01-01 hasta 2026-11-24", 20781},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct period period;
        int64_t day = -1;
        assert_int_equal(period_parse(rows[i].text, &period), CC_OK);
        assert_int_equal(period_last_day(&period, &day), rows[i].day != -1);
        assert_int_equal(day, rows[i].day);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_period),
        cmocka_unit_test(no_periods),
        cmocka_unit_test(each_last_day),
    };
    setenv("TZ", "Europe/Madrid", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
