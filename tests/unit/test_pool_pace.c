/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/pace.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static void test_nothing_sent(void **state)
{
    struct pace pace = {0};
    (void)state;
    assert_int_equal(pace_load(&pace, 0), 0);
    assert_true(pace_free_at(&pace, 0) <= 0);
    assert_true(pace_free_at(&pace, 1) <= 0);
}

static void test_a_burst_is_free_and_then_waits(void **state)
{
    struct pace pace = {0};
    (void)state;
    for (int i = 0; i < 30; i++) {
        assert_true(pace_free_at(&pace, 30) <= i * SECOND);
        pace_note(&pace, i * SECOND);
    }
    assert_int_equal(pace_free_at(&pace, 30), MINUTE); /* when the first is a minute old */
    assert_true(pace_free_at(&pace, 31) <= 0);
    assert_true(pace_free_at(&pace, 0) <= 0);
    assert_int_equal(pace_load(&pace, 29 * SECOND), 30);
    assert_int_equal(pace_load(&pace, MINUTE), 29);
    assert_int_equal(pace_load(&pace, MINUTE + 28 * SECOND), 1);
    assert_int_equal(pace_load(&pace, MINUTE + 29 * SECOND), 0);
}

/* Never more than the limit in any minute, whatever the rhythm of those who ask. */
static void test_any_window_keeps_to_the_limit(void **state)
{
    static const unsigned limits[] = {1, 7, 30, PACE_PER_MINUTE_MAX};
    (void)state;
    for (size_t row = 0; row < sizeof limits / sizeof limits[0]; row++) {
        struct pace pace = {0};
        for (int64_t now = 0; now < 5 * MINUTE; now += 37) {
            if (pace_free_at(&pace, limits[row]) > now)
                continue;
            assert_true(pace_load(&pace, now) < limits[row]);
            pace_note(&pace, now);
        }
    }
}

static void test_one_that_was_not_sent_takes_no_place(void **state)
{
    enum { PER_MINUTE = 2 };
    struct pace pace = {0};
    (void)state;
    for (int i = 0; i < 3 * PACE_PER_MINUTE_MAX; i++) {
        int64_t now = i * MINUTE / PER_MINUTE;
        assert_true(pace_free_at(&pace, PER_MINUTE) <= now);
        pace_note(&pace, now);
        pace_take_back(&pace);
        assert_true(pace_free_at(&pace, PER_MINUTE) <= now);
        pace_note(&pace, now);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_sent),
        cmocka_unit_test(test_a_burst_is_free_and_then_waits),
        cmocka_unit_test(test_any_window_keeps_to_the_limit),
        cmocka_unit_test(test_one_that_was_not_sent_takes_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
