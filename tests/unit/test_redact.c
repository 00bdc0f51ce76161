/* SPDX-License-Identifier: EUPL-1.2 */
/* Numbers of a text that are blanked before it leaves the box. */
#include "domain/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text, *left;
} rows[] = {
    {"", ""},
    {"sin cifras", "sin cifras"},
    {"123456", "123456"},
    {"1234567", "*******"},
    {"+34600123123.", "+***********."},
    {"12345678Z y X1234567L", "********Z y X*******L"},
    {"llame al 600 123 123", "llame al *** *** ***"},
    {"600 123", "600 123"},
    {"2026-11-24 03:07:11", "2026-11-24 03:07:11"},
    {"2026-11-24T03:07:11Z", "2026-11-24T03:07:11Z"},
    {"-109 dBm, 41 C", "-109 dBm, 41 C"},
    {"a 1234567 ", "a ******* "},
    {"[\"ana.b@villa.es\"]", "[\"*****@villa.es\"]"},
    {"@", "@"},
    {"a@b@c", "*@*@c"},
};

static void test_long_numbers_are_blanked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "%s", rows[i].text);
        redact_text(text);
        assert_string_equal(text, rows[i].left);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_long_numbers_are_blanked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
