/* SPDX-License-Identifier: EUPL-1.2 */
/* Clave and contraclave: four ASCII digits and nothing else. */
#include "domain/clave.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

static void only_four_digits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        bool ok;
    } rows[] = {
        {"0000", 4, true},
        {"0481", 4, true},
        {"9999", 4, true},
        {"", 0, false},
        {"1", 1, false},
        {"123", 3, false},
        {"12345", 5, false},
        {"123456", 6, false},
        {"12a4", 4, false},
        {"12 4", 4, false},
        {" 123", 4, false},
        {"123 ", 4, false},
        {"123\n", 4, false},
        {"12\0"
         "4",
         4, false},
        {"0000\0", 5, false},
        {"+123", 4, false},
        {"-123", 4, false},
        {"1.23", 4, false},
        {"1e10", 4, false},
        {"0x1f", 4, false},
        {"/123", 4, false},
        {":123", 4, false},
        {"１２３４", 12, false},
        {"１2", 4, false},
        {"²³", 4, false},
        {"٠٤", 4, false},
        {"\xff\xff\xff\xff", 4, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[CLAVE_SIZE] = "----";
        enum cc_err err =
            clave_parse(rows[i].text, rows[i].len, CLAVE_DIGITS, CC_ERR_CLAVE_FORMAT, out);
        if (err != (rows[i].ok ? CC_OK : CC_ERR_CLAVE_FORMAT))
            fail_msg("row %zu '%s': %s", i, rows[i].text, err_token(err));
        if (strcmp(out, rows[i].ok ? rows[i].text : "----") != 0)
            fail_msg("row %zu '%s': left '%s'", i, rows[i].text, out);
    }
}

static void the_error_is_the_callers(void **state)
{
    (void)state;
    char out[CLAVE_SIZE];
    assert_int_equal(clave_parse("12", 2, CLAVE_DIGITS, CC_ERR_CONTRACLAVE_FORMAT, out),
                     CC_ERR_CONTRACLAVE_FORMAT);
    assert_int_equal(clave_parse("abcd", 4, CLAVE_DIGITS, CC_ERR_CONTRACLAVE_FORMAT, out),
                     CC_ERR_CONTRACLAVE_FORMAT);
}

static void every_number_keeps_its_zeros(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < clave_count(CLAVE_DIGITS); n++) {
        char text[CLAVE_SIZE];
        char parsed[CLAVE_SIZE];
        clave_from_number(n, CLAVE_DIGITS, text);
        assert_int_equal(strlen(text), CLAVE_DIGITS);
        assert_int_equal((text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 +
                             (text[3] - '0'),
                         n);
        assert_int_equal(clave_parse(text, CLAVE_DIGITS, CLAVE_DIGITS, CC_ERR_CLAVE_FORMAT, parsed),
                         CC_OK);
        assert_string_equal(text, parsed);
    }
}

/* The contraclave is as long as the profile says. */
static void a_longer_code(void **state)
{
    (void)state;
    char text[CODE_SIZE], parsed[CODE_SIZE];
    assert_int_equal(clave_count(6), 1000000);
    assert_int_equal(clave_count(CODE_DIGITS_MAX), 100000000);
    clave_from_number(481, 6, text);
    assert_string_equal(text, "000481");
    assert_int_equal(clave_parse(text, 6, 6, CC_ERR_CONTRACLAVE_FORMAT, parsed), CC_OK);
    assert_string_equal(parsed, text);
    assert_int_equal(clave_parse(text, 6, 4, CC_ERR_CONTRACLAVE_FORMAT, parsed),
                     CC_ERR_CONTRACLAVE_FORMAT);
    clave_from_number(99999999, CODE_DIGITS_MAX, text);
    assert_string_equal(text, "99999999");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_four_digits),
        cmocka_unit_test(the_error_is_the_callers),
        cmocka_unit_test(every_number_keeps_its_zeros),
        cmocka_unit_test(a_longer_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
