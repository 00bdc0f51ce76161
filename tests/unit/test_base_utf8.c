/* SPDX-License-Identifier: EUPL-1.2 */
/* UTF-8: what is valid, one code point at a time, and the one form of a person's name. */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void validity(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        bool valid;
    } rows[] = {
        {"", 0, true},
        {"abc", 3, true},
        {"a\0b", 3, true},
        {"ñ€😀", 9, true},
        {"\xf4\x8f\xbf\xbf", 4, true},
        {"\xc3", 1, false},
        {"\xe2\x82", 2, false},
        {"\xf0\x9f\x98", 3, false},
        {"\x80", 1, false},
        {"a\xff", 2, false},
        {"\xc0\x80", 2, false},
        {"\xe0\x80\xaf", 3, false},
        {"\xed\xa0\x80", 3, false},
        {"\xf4\x90\x80\x80", 4, false},
        {"\xf8\x88\x80\x80\x80", 5, false},
        {"\xc3(", 2, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (utf8_is_valid(rows[i].bytes, rows[i].len) != rows[i].valid)
            fail_msg("row %zu: not %d", i, (int)rows[i].valid);
}

static void iterates(void **state)
{
    (void)state;
    static const char text[] = "añ€😀\xff";
    static const int32_t expected[] = {'a', 0xF1, 0x20AC, 0x1F600, -1};
    size_t pos = 0;
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(utf8_next(text, sizeof(text) - 1, &pos), expected[i]);
    assert_int_equal(pos, 10);
    pos = 11;
    assert_int_equal(utf8_next(text, sizeof(text) - 1, &pos), -1);
    assert_int_equal(pos, 11);
}

static void encodes(void **state)
{
    (void)state;
    static const struct {
        uint32_t codepoint;
        const char *bytes;
    } rows[] = {
        {'a', "a"},
        {0xF1, "ñ"},
        {0x20AC, "€"},
        {0x1F600, "😀"},
        {0xD800, ""},
        {0xDFFF, ""},
        {0x110000, ""},
        {0xFFFFFFFF, ""},
        {0x7F, "\x7f"},
        {0x80, "\xc2\x80"},
        {0xFFFF, "\xef\xbf\xbf"},
        {0x10FFFF, "\xf4\x8f\xbf\xbf"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[4];
        size_t len = utf8_encode(rows[i].codepoint, out);
        if (len != strlen(rows[i].bytes) || memcmp(out, rows[i].bytes, len) != 0)
            fail_msg("U+%04X: %zu bytes", (unsigned)rows[i].codepoint, len);
    }
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *out; /* NULL = refused */
    } rows[] = {
        {"Ana Gómez", "Ana Gómez"},
        {"  Ana   Gómez  ", "Ana Gómez"},
        {"Ana\u00a0Gómez\u3000", "Ana Gómez"},
        {"An\u0303o Go\u0301mez", "Año Gómez"},
        {"Mª José O'Neill-Núñez, 3.º", "Mª José O'Neill-Núñez, 3.º"},
        {"Àngels Güell i Çelik", "Àngels Güell i Çelik"},
        {"王小明", "王小明"},
        {"محمد", "محمد"},
        {"Ανδρέας", "Ανδρέας"},
        {"\u1e69", "\u1e69"},
        {"s\u0323\u0307", "\u1e69"},
        {"s\u0307\u0323", "\u1e69"},
        {"\uac00", "\uac00"},
        {"", NULL},
        {"   ", NULL},
        {"\u00a0\u3000", NULL},
        {"Ana\nGómez", NULL},
        {"Ana\tGómez", NULL},
        {"Ana\x1b[31m", NULL},
        {"Ana\x7f", NULL},
        {"Ana\xc2\x85", NULL},
        {"Ana\u202eGómez", NULL},
        {"Ana\u2066Gómez", NULL},
        {"Ana\u200bGómez", NULL},
        {"\ufeffAna", NULL},
        {"Ana\u2028Gómez", NULL},
        {"Ana\u3164", NULL}, /* letters, marks and symbols that show as nothing */
        {"\u3164", NULL},
        {"Ana\u115fa", NULL},
        {"Ana\u034f", NULL},
        {"Ana\u2800", NULL},
        {"Ana\ue000", NULL},
        {"Ana\uffff", NULL},
        {"Ana\U000e0041", NULL},
        {"Ana\xff", NULL},
        {"Ana\xc3", NULL},
        {"\xed\xa0\x80", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[64];
        enum cc_err err = utf8_normalize_name(rows[i].in, strlen(rows[i].in), out, sizeof(out));
        if (err != (rows[i].out == NULL ? CC_ERR_NAME_FORMAT : CC_OK))
            fail_msg("row %zu '%s': %s", i, rows[i].in, err_token(err));
        if (err == CC_OK && strcmp(out, rows[i].out) != 0)
            fail_msg("row %zu '%s': '%s'", i, rows[i].in, out);
    }
    char out[8];
    assert_int_equal(utf8_normalize_name("A\0B", 3, out, sizeof(out)), CC_ERR_NAME_FORMAT);
}

static void name_lengths(void **state)
{
    (void)state;
    static char text[1 << 20];
    memset(text, 'a', sizeof(text));
    static const struct {
        size_t len;
        enum cc_err err;
    } rows[] = {
        {119, CC_OK},
        {120, CC_OK},
        {121, CC_ERR_NAME_FORMAT},
        {512, CC_ERR_NAME_FORMAT},
        {513, CC_ERR_NAME_FORMAT},
        {4096, CC_ERR_NAME_FORMAT},
        {sizeof(text), CC_ERR_NAME_FORMAT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[121];
        if (utf8_normalize_name(text, rows[i].len, out, sizeof(out)) != rows[i].err)
            fail_msg("%zu bytes", rows[i].len);
    }
}

/* Unicode 15: DerivedCoreProperties.txt (Default_Ignorable_Code_Point), UnicodeData.txt (category
 * C, Zl, Zp). */
static void unsafe_for_a_terminal(void **state)
{
    (void)state;
    static const int32_t unsafe[] = {
        0x00,    0x07,    0x1B,    0x7F,    0x9B,    0xAD,    0x34F,   0x61C,    0x115F,  0x1160,
        0x17B4,  0x180B,  0x180E,  0x180F,  0x200B,  0x200E,  0x200F,  0x2028,   0x2029,  0x202A,
        0x202E,  0x2060,  0x2064,  0x2065,  0x2066,  0x2069,  0x206F,  0x2800,   0x3164,  0xE000,
        0xFE00,  0xFE0F,  0xFEFF,  0xFFA0,  0xFFF0,  0xFFF9,  0xFFFB,  0xFFFF,   0x1BCA0, 0x1D173,
        0xE0000, 0xE0001, 0xE0020, 0xE007F, 0xE0100, 0xE01EF, 0xE0FFF, 0x10FFFF,
    };
    static const int32_t safe[] = {' ', 'a', 0xA0, 0xF1, 0x20AC, 0x301, 0x3000, 0x4E00, 0x1F600};
    for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
        if (!utf8_is_unsafe(unsafe[i]))
            fail_msg("U+%04X passes", (unsigned)unsafe[i]);
    for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
        if (utf8_is_unsafe(safe[i]))
            fail_msg("U+%04X does not pass", (unsigned)safe[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validity),     cmocka_unit_test(iterates),
        cmocka_unit_test(encodes),      cmocka_unit_test(names),
        cmocka_unit_test(name_lengths), cmocka_unit_test(unsafe_for_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
