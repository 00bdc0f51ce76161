/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/decoy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>

enum { NOW_MS = 1000000 };

static void test_nothing_is_added_before_delays_are_known(void **state)
{
    struct decoys decoys = {.count = 0};
    (void)state;
    decoys_add(&decoys, NOW_MS);
    assert_int_equal(decoys_next(&decoys), INT64_MAX);
    assert_false(decoys_take_due(&decoys, INT64_MAX));
}

static void test_due_as_late_as_the_real_ones(void **state)
{
    struct decoys decoys = {.count = 0};
    (void)state;
    decoys_learn(&decoys.outcome, 300);
    decoys_learn(&decoys.report, 700);
    decoys_learn(&decoys.report, -5); /* the clock went back in between */
    decoys_add(&decoys, NOW_MS);
    assert_int_equal(decoys_next(&decoys), NOW_MS + 300);
    assert_false(decoys_take_due(&decoys, NOW_MS + 299));
    assert_true(decoys_take_due(&decoys, NOW_MS + 300));
    assert_int_equal(decoys_next(&decoys), NOW_MS + 700);
    assert_true(decoys_take_due(&decoys, NOW_MS + 5000));
    assert_int_equal(decoys_next(&decoys), INT64_MAX);
}

static void test_only_the_last_delays_count(void **state)
{
    struct decoys decoys = {.count = 0};
    (void)state;
    decoys_learn(&decoys.outcome, 99999);
    for (int i = 0; i < DECOY_SAMPLES; i++)
        decoys_learn(&decoys.outcome, 10);
    for (int i = 0; i < DECOYS_MAX; i++)
        decoys_add(&decoys, NOW_MS);
    assert_true(decoys_take_due(&decoys, NOW_MS + 10));
    assert_int_equal(decoys_next(&decoys), INT64_MAX);
}

static void test_a_flood_is_bounded(void **state)
{
    struct decoys decoys = {.count = 0};
    (void)state;
    decoys_learn(&decoys.outcome, 1);
    for (int i = 0; i < 10 * DECOYS_MAX; i++)
        decoys_add(&decoys, NOW_MS);
    assert_int_equal(decoys.count, DECOYS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_added_before_delays_are_known),
        cmocka_unit_test(test_due_as_late_as_the_real_ones),
        cmocka_unit_test(test_only_the_last_delays_count),
        cmocka_unit_test(test_a_flood_is_bounded),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
