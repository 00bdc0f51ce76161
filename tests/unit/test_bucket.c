/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Counts the tokens that so many calls get at the same instant. */
static int take_tokens(struct bucket *bucket, int64_t per_second, int64_t burst, int64_t at_us,
                       int calls)
{
    int given = 0;
    for (int i = 0; i < calls; i++) {
        int64_t wait_s = 0;
        bool ok = bucket_take(bucket, per_second, burst, at_us, &wait_s);
        given += ok;
        assert_int_equal(wait_s, ok ? 0 : 1);
    }
    return given;
}

static void bucket_over_time(void **state)
{
    (void)state;
    static const struct {
        int64_t at_us;
        int calls;
        int given; /* with 5/s and a burst of 20 */
    } rows[] = {
        {1000000, 25, 20},          /* the burst, no more */
        {1100000, 1, 0},            /* half a token */
        {1199999, 1, 0},            /* almost */
        {1200000, 2, 1},            /* 200 ms: one */
        {1200000, 1, 0},            /* the same instant */
        {1100000, 1, 0},            /* a clock that goes back gives nothing */
        {2200000, 9, 5},            /* a second: five */
        {5200000, 99, 15},          /* three seconds */
        {9000000, 99, 19},          /* 3.8 s */
        {13000000, 99, 20},         /* full again */
        {3600000000000, 99, 20},    /* a thousand hours: still the burst */
        {9000000000000000, 99, 20}, /* three centuries */
    };
    struct bucket bucket = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int given = take_tokens(&bucket, 5, 20, rows[i].at_us, rows[i].calls);
        if (given != rows[i].given)
            fail_msg("row %zu: %d given", i, given);
    }
}

/* Asking often must not lose the fractions: 7/s over 10 s, asked every 13 µs or every 999 ms. */
static void bucket_keeps_fractions(void **state)
{
    (void)state;
    static const int64_t steps_us[] = {13, 997, 10007, 333333, 999000};
    for (size_t i = 0; i < sizeof(steps_us) / sizeof(steps_us[0]); i++) {
        struct bucket bucket = {0};
        int given = 0;
        int64_t at_us = 0;
        for (; at_us <= 10000000; at_us += steps_us[i])
            given += take_tokens(&bucket, 7, 7, at_us, 8);
        if (given < 69 || given > 77)
            fail_msg("every %d us: %d given", (int)steps_us[i], given);
    }
}

static void bucket_off(void **state)
{
    (void)state;
    struct bucket bucket = {0};
    assert_int_equal(take_tokens(&bucket, 0, 20, 5, 1000), 1000);
    assert_int_equal(take_tokens(&bucket, 5, 0, 5, 1000), 1000);
    assert_int_equal(take_tokens(&bucket, 1, 1, 5, 10), 1);
    assert_int_equal(take_tokens(&bucket, 1, 1, 1000004, 10), 0);
    assert_int_equal(take_tokens(&bucket, 1, 1, 1000005, 10), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_over_time),
        cmocka_unit_test(bucket_keeps_fractions),
        cmocka_unit_test(bucket_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
