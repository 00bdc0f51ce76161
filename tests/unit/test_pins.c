/* SPDX-License-Identifier: EUPL-1.2 */
/* The certificates that a client must show: domain/pins.h. */
#include "domain/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define A                                                                                          \
    "AA:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:"   \
    "DD:EE"
#define B                                                                                          \
    "BB:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:"   \
    "DD:EE"
#define A_PLAIN "aa00112233445566778899aabbccddeeff00112233445566778899aabbccddee"

static void test_texts(void **state)
{
    static const struct {
        const char *text, *back; /* NULL = refused */
    } rows[] = {
        {"", ""},
        {"  ", ""},
        {"autoridad", "autoridad"},
        {A, A},
        {A_PLAIN, A},
        {A "," B, A ", " B},
        {" " B " , autoridad ", "autoridad, " B},
        {A "," A "," A "," A, A ", " A ", " A ", " A},
        {"autoridad," A "," A "," A "," A, "autoridad, " A ", " A ", " A ", " A},
        {A "," A "," A "," A "," A, NULL},
        {"Autoridad", NULL},
        {"autoridad,", NULL},
        {",autoridad", NULL},
        {"autoridad " A, NULL},
        {"AA:BB", NULL},
        {A ":00", NULL},
        {"x" A_PLAIN, NULL},
        {"xx00112233445566778899aabbccddeeff00112233445566778899aabbccddee", NULL},
        {"AA-00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:"
         "CC:DD:EE",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pins pins;
        char back[PINS_TEXT_SIZE];
        bool is_good = pins_parse(rows[i].text, &pins);
        if (is_good != (rows[i].back != NULL))
            fail_msg("\"%s\": %d", rows[i].text, is_good);
        if (!is_good)
            continue;
        pins_format(&pins, back);
        assert_string_equal(back, rows[i].back);
        assert_int_equal(pins_ask(&pins), back[0] != '\0');
    }
}

static void test_who_is_admitted(void **state)
{
    struct pins pins;
    (void)state;
    assert_true(pins_parse(A "," B, &pins));
    uint8_t print[PIN_BYTES];
    memcpy(print, pins.prints[1], sizeof(print));
    assert_true(pins_admit(&pins, print));
    print[31] ^= 1;
    assert_false(pins_admit(&pins, print));
    assert_true(pins_parse("autoridad", &pins));
    assert_true(pins_admit(&pins, print)); /* none is named */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_who_is_admitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
