/* SPDX-License-Identifier: EUPL-1.2 */
/* When a line that is lost again and again is called that, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/tell/flap.h"

#include <string.h>

#define SECOND INT64_C(1000000)

enum { NEVER = -1 };

static void test_five_losses_in_ten_minutes(void **state)
{
    (void)state;
    static const struct {
        int losses_s[12]; /* 0 = the end */
        int on_s;         /* at this loss, and not before */
        int off_s;
    } rows[] = {
        {{5, 6, 7, 8}, NEVER, 0},
        {{5, 6, 7, 8, 9}, 9, 609},
        {{5, 155, 305, 455, 604}, 604, 1204},
        {{5, 155, 305, 455, 605}, NEVER, 0},
        {{5, 6, 7, 8, 9, 608, 1207}, 9, 1807}, /* not stable in between */
        {{5, 6, 7, 8, 9, 700, 701, 702, 703, 704}, 9, 1304},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct flap flap = {0};
        int64_t now_us = 0;
        for (const int *at_s = rows[i].losses_s; *at_s != 0; at_s++) {
            now_us = *at_s * SECOND;
            flap_note(&flap, now_us);
            bool is_after = rows[i].on_s != NEVER && *at_s >= rows[i].on_s;
            bool is_gap = *at_s >= 700 && *at_s < 704 && rows[i].losses_s[5] == 700;
            assert_int_equal(flap_is_on(&flap, now_us), is_after && !is_gap);
        }
        if (rows[i].on_s == NEVER)
            continue;
        assert_true(flap_is_on(&flap, rows[i].off_s * SECOND - 1));
        assert_false(flap_is_on(&flap, rows[i].off_s * SECOND));
    }
    assert_non_null(strstr(flap_advice, "cable"));
}

static void test_losses_of_the_hour(void **state)
{
    (void)state;
    struct flap flap = {0};
    assert_int_equal(flap_count_hour(&flap, SECOND), 0);
    for (int i = 1; i <= 9; i++)
        flap_note(&flap, i * SECOND);
    assert_int_equal(flap_count_hour(&flap, 10 * SECOND), 9);
    assert_int_equal(flap_count_hour(&flap, 3602 * SECOND), 7);
    for (int i = 0; i < 2 * FLAP_REMEMBERED; i++)
        flap_note(&flap, 4000 * SECOND);
    assert_int_equal(flap_count_hour(&flap, 4001 * SECOND), FLAP_REMEMBERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_five_losses_in_ten_minutes),
        cmocka_unit_test(test_losses_of_the_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
