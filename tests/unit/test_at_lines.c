/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines of a reply: kept whole and in order, up to their number and their bytes. */
#include "at/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void lines_are_copied_in_their_order(void **state)
{
    (void)state;
    struct at_lines lines = {0};
    char line[] = "+CREG: 1,1";
    assert_true(at_lines_keep(&lines, line));
    line[0] = '-';
    assert_true(at_lines_keep(&lines, ""));
    assert_true(at_lines_keep(&lines, line));
    assert_int_equal(lines.count, 3);
    assert_string_equal(lines.line[0], "+CREG: 1,1");
    assert_string_equal(lines.line[1], "");
    assert_string_equal(lines.line[2], "-CREG: 1,1");
}

static void sixteen_lines_fit(void **state)
{
    (void)state;
    struct at_lines lines = {0};
    for (int i = 0; i < AT_LINES_MAX; i++)
        assert_true(at_lines_keep(&lines, "a"));
    assert_false(at_lines_keep(&lines, "b"));
    assert_int_equal(lines.count, AT_LINES_MAX);
    at_lines_clear(&lines);
    assert_int_equal(lines.count, 0);
    assert_true(at_lines_keep(&lines, "c"));
    assert_string_equal(lines.line[0], "c");
}

static void bytes_fit_with_their_ends(void **state)
{
    (void)state;
    struct at_lines lines = {0};
    char half[AT_LINES_BYTES / 2 + 1];
    memset(half, 'x', sizeof(half));
    half[AT_LINES_BYTES / 2] = '\0';
    assert_false(at_lines_keep(&lines, half) && at_lines_keep(&lines, half));
    assert_int_equal(lines.count, 1);
    half[AT_LINES_BYTES / 2 - 1] = '\0';
    at_lines_clear(&lines);
    assert_true(at_lines_keep(&lines, half) && at_lines_keep(&lines, half));
    assert_false(at_lines_keep(&lines, ""));
    assert_int_equal(lines.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_copied_in_their_order),
        cmocka_unit_test(sixteen_lines_fit),
        cmocka_unit_test(bytes_fit_with_their_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
