/* SPDX-License-Identifier: EUPL-1.2 */
/* Mobile numbers as people write them, and how they are shown. */
#include "domain/phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *in;
    const char *e164; /* NULL: err */
    enum cc_err err;
} written[] = {
    /* Spanish mobiles */
    {"600123123", "+34600123123", CC_OK},
    {"712345678", "+34712345678", CC_OK},
    {"+34600123123", "+34600123123", CC_OK},
    {"0034600123123", "+34600123123", CC_OK},
    {"600 123 123", "+34600123123", CC_OK},
    {"600\u00a0123\u00a0123", "+34600123123", CC_OK},
    {"600\u202f123\u202f123", "+34600123123", CC_OK},
    {" 600-12.31-23 ", "+34600123123", CC_OK},
    {"600\u2013123\u2010123", "+34600123123", CC_OK},
    {"(+34) 600 123 123", "+34600123123", CC_OK},
    {"+34 (600) 123-123", "+34600123123", CC_OK},
    {"00 34 600 12 31 23", "+34600123123", CC_OK},
    /* Spanish, not mobile */
    {"918500000", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+34918500000", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"0034 818 500 000", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"512345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"012345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"700123123", NULL, CC_ERR_PHONE_NOT_MOBILE}, /* personal numbers */
    {"+34 709 999 999", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"710000000", "+34710000000", CC_OK},
    /* codes of no country */
    {"+88212345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"0088312345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+8816123456789", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+97912345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+886912345678", "+886912345678", CC_OK},
    {"700123456", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+34 700 123 456", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"0034709999999", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"710000000", "+34710000000", CC_OK},
    {"749999999", "+34749999999", CC_OK},
    {"750000000", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"799999999", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"599999999", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"800123456", NULL, CC_ERR_PHONE_NOT_MOBILE},
    /* abroad, but no mobile */
    {"+80012345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+80812345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+870773111632", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+87810123456789", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+881612345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+882161234567", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"00882161234567", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+883510012345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+8881234567", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+979312345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+99112345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+1 800 555 0123", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+1 900 555 0123", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+44 70 1234 5678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+49 700 12345678", NULL, CC_ERR_PHONE_NOT_MOBILE},
    {"+8801712345678", "+8801712345678", CC_OK}, /* Bangladesh, beside 881 and 882 */
    {"+886912345678", "+886912345678", CC_OK},   /* Taiwan */
    {"+8613812345678", "+8613812345678", CC_OK}, /* China */
    {"+447123456789", "+447123456789", CC_OK},
    /* Spanish, wrong length */
    {"60012312", NULL, CC_ERR_PHONE_FORMAT},
    {"6001231234", NULL, CC_ERR_PHONE_FORMAT},
    {"+3460012312", NULL, CC_ERR_PHONE_FORMAT},
    {"+346001231234", NULL, CC_ERR_PHONE_FORMAT},
    {"34600123123", NULL, CC_ERR_PHONE_FORMAT},
    {"+34", NULL, CC_ERR_PHONE_FORMAT},
    {"+34 0 600123123", NULL, CC_ERR_PHONE_FORMAT},
    /* abroad */
    {"+33612345678", "+33612345678", CC_OK},
    {"0033612345678", "+33612345678", CC_OK},
    {"+447700900123", "+447700900123", CC_OK},
    {"+351 912 345 678", "+351912345678", CC_OK},
    {"+376 312345", "+376312345", CC_OK},
    {"+1 (202) 555-0123", "+12025550123", CC_OK},
    {"+1234567", "+1234567", CC_OK},
    {"+123456", NULL, CC_ERR_PHONE_FORMAT},
    {"+123456789012345", "+123456789012345", CC_OK},
    {"00123456789012345", "+123456789012345", CC_OK},
    {"+1234567890123456", NULL, CC_ERR_PHONE_FORMAT},
    {"001234567890123456", NULL, CC_ERR_PHONE_FORMAT},
    {"+0612345678", NULL, CC_ERR_PHONE_FORMAT},
    {"000612345678", NULL, CC_ERR_PHONE_FORMAT},
    {"+0034600123123", NULL, CC_ERR_PHONE_FORMAT},
    /* nothing of a phone */
    {"", NULL, CC_ERR_PHONE_FORMAT},
    {"   ", NULL, CC_ERR_PHONE_FORMAT},
    {"+", NULL, CC_ERR_PHONE_FORMAT},
    {"00", NULL, CC_ERR_PHONE_FORMAT},
    {"++34600123123", NULL, CC_ERR_PHONE_FORMAT},
    {"34+600123123", NULL, CC_ERR_PHONE_FORMAT},
    {"600123123+", NULL, CC_ERR_PHONE_FORMAT},
    {"600123l23", NULL, CC_ERR_PHONE_FORMAT},
    {"600123123;ATD112", NULL, CC_ERR_PHONE_FORMAT},
    {"600123123\n", NULL, CC_ERR_PHONE_FORMAT},
    {"600\t123123", NULL, CC_ERR_PHONE_FORMAT},
    {"600123123\"", NULL, CC_ERR_PHONE_FORMAT},
    {"６００１２３１２３", NULL, CC_ERR_PHONE_FORMAT},
    {"٦٠٠١٢٣١٢٣", NULL, CC_ERR_PHONE_FORMAT},
    {"600123123\xff", NULL, CC_ERR_PHONE_FORMAT},
    {"600123123\xa0", NULL, CC_ERR_PHONE_FORMAT},
    {"tel:600123123", NULL, CC_ERR_PHONE_FORMAT},
};

static void parses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
        struct phone phone = {"untouched"};
        enum cc_err err = phone_parse(written[i].in, strlen(written[i].in), &phone);
        if (err != written[i].err)
            fail_msg("'%s': %s", written[i].in, err_token(err));
        const char *expected = err == CC_OK ? written[i].e164 : "untouched";
        if (strcmp(phone.e164, expected) != 0)
            fail_msg("'%s': '%s'", written[i].in, phone.e164);
    }
    struct phone phone;
    assert_int_equal(phone_parse("600\0"
                                 "123123",
                                 10, &phone),
                     CC_ERR_PHONE_FORMAT);
    assert_int_equal(phone_parse("600123123\0", 10, &phone), CC_ERR_PHONE_FORMAT);
}

static void survives_a_megabyte(void **state)
{
    (void)state;
    static const char fills[] = {'6', ' ', '+', 'x', '\xff', '0'};
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(fills); i++) {
        struct phone phone;
        memset(text, fills[i], SIZE);
        if (phone_parse(text, SIZE, &phone) != CC_ERR_PHONE_FORMAT)
            fail_msg("a megabyte of byte %d", fills[i]);
    }
    free(text);
}

static void masks(void **state)
{
    (void)state;
    static const struct {
        const char *e164;
        const char *masked;
    } rows[] = {
        {"+34600123123", "+34*****123"},
        {"+33612345678", "+*****678"},
        {"+1234567", "+*****567"},
        {"+123456789012345", "+*****345"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct phone phone;
        char out[PHONE_MASK_SIZE];
        assert_int_equal(phone_parse(rows[i].e164, strlen(rows[i].e164), &phone), CC_OK);
        phone_mask(&phone, out);
        assert_string_equal(out, rows[i].masked);
    }
}

static void test_no_number_shows_nothing_of_what_is_before_it(void **state)
{
    const struct {
        char before[4];
        struct phone phone;
    } none = {"SEC", {""}};
    char out[PHONE_MASK_SIZE] = "";
    (void)state;
    phone_mask(&none.phone, out);
    assert_string_equal(out, "");
    assert_null(memchr(out, 'C', sizeof(out)));
}

static void test_message_centres(void **state)
{
    static const char *const good[] = {"+34609090909", "+1234567", "+123456789012345"};
    static const char *const bad[] = {"",        "+",          "34609090909",       "+0609090909",
                                      "+123456", "+34 609090", "+1234567890123456", "+3460909090x"};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(phone_is_centre(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(phone_is_centre(bad[i]));
}

static void test_cheap_ones(void **state)
{
    static const char *const cheap[] = {"+34600123123", "+33612345678", "+351912345678",
                                        "+4915112345678", "+3906698123"};
    static const char *const dear[] = {"+252612345678", "+5351234567",  "+447911123456",
                                       "+12025550123",  "+35512345678", "+37912345678"};
    (void)state;
    for (size_t i = 0; i < sizeof(cheap) / sizeof(cheap[0]); i++) {
        struct phone phone;
        assert_int_equal(phone_parse(cheap[i], strlen(cheap[i]), &phone), CC_OK);
        assert_true(phone_is_cheap(&phone));
    }
    for (size_t i = 0; i < sizeof(dear) / sizeof(dear[0]); i++) {
        struct phone phone;
        assert_int_equal(phone_parse(dear[i], strlen(dear[i]), &phone), CC_OK);
        assert_false(phone_is_cheap(&phone));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_centres),
        cmocka_unit_test(parses),
        cmocka_unit_test(survives_a_megabyte),
        cmocka_unit_test(masks),
        cmocka_unit_test(test_no_number_shows_nothing_of_what_is_before_it),
        cmocka_unit_test(test_cheap_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
