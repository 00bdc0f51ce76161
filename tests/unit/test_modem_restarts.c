/* SPDX-License-Identifier: EUPL-1.2 */
/* When a modem that starts anew by itself is one that lacks supply. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/tell/restarts.h"

#define SECONDS(n) (INT64_C(n) * 1000 * 1000)

static const char rdy[] = "RDY";
static const char done[] = "SMS DONE";

/* Each start tells itself by two words. */
static void start(struct restarts *restarts, int64_t at_us)
{
    restarts_note(restarts, rdy, at_us);
    restarts_note(restarts, done, at_us + SECONDS(1));
}

static void test_three_in_three_minutes(void **state)
{
    (void)state;
    static const struct {
        int64_t every_us;
        int starts;
        bool are_often;
    } rows[] = {
        {SECONDS(4), 2, false},  {SECONDS(4), 3, true},   {SECONDS(60), 3, true},
        {SECONDS(91), 3, false}, {SECONDS(91), 9, false}, {SECONDS(89), 3, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct restarts restarts = {0};
        int64_t now_us = SECONDS(1000);
        for (int n = 0; n < rows[i].starts; n++, now_us += rows[i].every_us)
            start(&restarts, now_us);
        assert_int_equal(restarts_are_often(&restarts, now_us), rows[i].are_often);
    }
}

static void test_it_ends_ten_minutes_after_the_last(void **state)
{
    (void)state;
    struct restarts restarts = {0};
    for (int n = 0; n < 3; n++)
        start(&restarts, SECONDS(1000) + n * SECONDS(5));
    assert_true(restarts_are_often(&restarts, SECONDS(1010) + SECONDS(599)));
    assert_false(restarts_are_often(&restarts, SECONDS(1010) + SECONDS(601)));
}

static void test_what_was_asked_for_does_not_count(void **state)
{
    (void)state;
    struct restarts restarts = {0};
    for (int n = 0; n < 9; n++) {
        int64_t now_us = SECONDS(1000) + n * SECONDS(10);
        restarts_expect(&restarts, 5000, now_us);
        start(&restarts, now_us + SECONDS(2));
    }
    assert_false(restarts_are_often(&restarts, SECONDS(1100)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_in_three_minutes),
        cmocka_unit_test(test_it_ends_ten_minutes_after_the_last),
        cmocka_unit_test(test_what_was_asked_for_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
