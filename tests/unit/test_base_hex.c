/* SPDX-License-Identifier: EUPL-1.2 */
/* Hexadecimal both ways. */
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void values(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdef";
    for (int c = 0; c < 256; c++) {
        int expected = -1;
        int lower = c >= 'A' && c <= 'F' ? c + 32 : c;
        const char *at = c == 0 ? NULL : strchr(digits, lower);
        if (at != NULL)
            expected = (int)(at - digits);
        if (hex_value((char)c) != expected)
            fail_msg("byte %d: %d, not %d", c, hex_value((char)c), expected);
    }
}

static void every_byte_survives(void **state)
{
    (void)state;
    uint8_t all[256];
    uint8_t back[256];
    char text[513];
    size_t len = 0;
    for (size_t i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    hex_encode(all, sizeof(all), text);
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text, "000102", 6);
    assert_string_equal(text + 506, "FDFEFF");
    assert_true(hex_decode(text, 512, back, sizeof(back), &len));
    assert_int_equal(len, 256);
    assert_memory_equal(all, back, 256);
    hex_encode_lower((const uint8_t[]){0x00, 0x9A, 0xBC, 0xDE, 0xFF}, 5, text);
    assert_string_equal(text, "009abcdeff");
    hex_encode(all, 0, text);
    assert_string_equal(text, "");
}

static void decoding(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t cap;
        const char *bytes; /* NULL = refused */
        size_t len;
    } rows[] = {
        {"", 0, "", 0},      {"4142", 2, "AB", 2}, {"aF", 4, "\xAF", 1}, {"4142", 1, NULL, 0},
        {"414", 4, NULL, 0}, {"4", 4, NULL, 0},    {"4G", 4, NULL, 0},   {"G4", 4, NULL, 0},
        {"4 ", 4, NULL, 0},  {" 4", 4, NULL, 0},   {"0x", 4, NULL, 0},   {"-1", 4, NULL, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t out[8];
        size_t len = 77;
        bool ok = hex_decode(rows[i].text, strlen(rows[i].text), out, rows[i].cap, &len);
        if (ok != (rows[i].bytes != NULL))
            fail_msg("'%s' in %zu: %d", rows[i].text, rows[i].cap, (int)ok);
        if (!ok && len != 77)
            fail_msg("'%s': length touched on failure", rows[i].text);
        if (ok && (len != rows[i].len || memcmp(out, rows[i].bytes, len) != 0))
            fail_msg("'%s': wrong bytes", rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(every_byte_survives),
        cmocka_unit_test(decoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
