/* SPDX-License-Identifier: EUPL-1.2 */
/* The GSM alphabet, its packing, and UCS-2. */
#include "base/buf.h"
#include "gsm/gsm7.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { ROOM = 512 };

/* 23.038 6.2.1, typed in from the standard's table as characters of their own. */
static const char *const table[128] = {
    "@", "£", "$",  "¥", "è", "é", "ù", "ì", "ò", "Ç", "\n", "Ø", "ø", "\r", "Å", "å",
    "Δ", "_", "Φ",  "Γ", "Λ", "Ω", "Π", "Ψ", "Σ", "Θ", "Ξ",  "",  "Æ", "æ",  "ß", "É",
    " ", "!", "\"", "#", "¤", "%", "&", "'", "(", ")", "*",  "+", ",", "-",  ".", "/",
    "0", "1", "2",  "3", "4", "5", "6", "7", "8", "9", ":",  ";", "<", "=",  ">", "?",
    "¡", "A", "B",  "C", "D", "E", "F", "G", "H", "I", "J",  "K", "L", "M",  "N", "O",
    "P", "Q", "R",  "S", "T", "U", "V", "W", "X", "Y", "Z",  "Ä", "Ö", "Ñ",  "Ü", "§",
    "¿", "a", "b",  "c", "d", "e", "f", "g", "h", "i", "j",  "k", "l", "m",  "n", "o",
    "p", "q", "r",  "s", "t", "u", "v", "w", "x", "y", "z",  "ä", "ö", "ñ",  "ü", "à"};

static const struct {
    uint8_t septet;
    const char *text;
} extended[] = {{0x0A, "\f"}, {0x14, "^"}, {0x28, "{"}, {0x29, "}"}, {0x2F, "\\"},
                {0x3C, "["},  {0x3D, "~"}, {0x3E, "]"}, {0x40, "|"}, {0x65, "€"}};
enum { EXTENDED_COUNT = sizeof(extended) / sizeof(extended[0]) };

static const char *shown(const uint8_t *septets, size_t count, char text[ROOM])
{
    struct buf out;
    buf_init(&out, text, ROOM);
    gsm7_to_utf8(septets, count, &out);
    const char *cstr = buf_cstr(&out);
    assert_non_null(cstr);
    return cstr;
}

static void test_every_septet(void **state)
{
    (void)state;
    char text[ROOM];
    for (size_t i = 0; i < 128; i++) {
        const uint8_t septet = (uint8_t)i;
        uint8_t back[4];
        size_t count;
        size_t bad;
        if (septet == GSM7_ESCAPE)
            continue;
        assert_string_equal(shown(&septet, 1, text), table[i]);
        assert_true(gsm7_from_utf8(table[i], strlen(table[i]), back, sizeof(back), &count, &bad));
        assert_int_equal(count, 1);
        assert_int_equal(back[0], septet);
    }
}

/* Behind an escape: the extension, else the plain character; an escape for nothing is a space. */
static void test_every_escape(void **state)
{
    (void)state;
    char text[ROOM];
    for (size_t i = 0; i < 128; i++) {
        const uint8_t pair[] = {GSM7_ESCAPE, (uint8_t)i};
        const char *expect = i == GSM7_ESCAPE ? " " : table[i];
        for (size_t e = 0; e < EXTENDED_COUNT; e++) {
            if (extended[e].septet == i) {
                uint8_t back[4];
                size_t count;
                size_t bad;
                expect = extended[e].text;
                assert_true(gsm7_from_utf8(expect, strlen(expect), back, 2, &count, &bad));
                assert_int_equal(count, 2);
                assert_memory_equal(back, pair, 2);
            }
        }
        assert_string_equal(shown(pair, 2, text), expect);
    }
    assert_string_equal(shown((const uint8_t[]){'a', GSM7_ESCAPE}, 2, text), "a ");
    assert_string_equal(shown((const uint8_t[]){GSM7_ESCAPE, GSM7_ESCAPE, 0x65}, 3, text), " e");
}

static void test_from_utf8_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        size_t cap;
        size_t bad;
    } rows[] = {
        {"camión", 7, 20, 4},      {"abc\x1B", 4, 20, 3}, {"ç", 2, 20, 0},
        {"a\0b", 3, 20, 1},        {"\xC3", 1, 20, 0},    {"ab\xFFz", 4, 20, 2},
        {"\xC2\xA0", 2, 20, 0},    {"😀", 4, 20, 0},       {"abcd", 4, 3, 4},
        {"ab€", 5, 3, 5},          {"a", 1, 0, 1},        {"😀a", 5, 0, 0},
        {"\xED\xA0\x80", 3, 9, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t out[20];
        size_t count = 77;
        size_t bad = 77;
        const bool done = gsm7_from_utf8(rows[i].text, rows[i].len, out, rows[i].cap, &count, &bad);
        if (done || bad != rows[i].bad || count != 77)
            fail_msg("row %zu: done %d, bad %zu, count %zu", i, done, bad, count);
    }
}

static void test_from_utf8_fits_exactly(void **state)
{
    (void)state;
    uint8_t out[3];
    size_t count;
    size_t bad;
    assert_true(gsm7_from_utf8("a€", 4, out, sizeof(out), &count, &bad));
    assert_int_equal(count, 3);
    assert_true(gsm7_from_utf8("", 0, out, 0, &count, &bad));
    assert_int_equal(count, 0);
}

/* 23.038 6.1.2.1.1, bit by bit: septet i starts at bit fill + 7 i, least significant bit first. */
static void test_packing(void **state)
{
    (void)state;
    for (unsigned fill = 0; fill <= 6; fill++) {
        for (size_t count = 0; count <= 160; count++) {
            uint8_t septets[160];
            uint8_t packed[ROOM];
            uint8_t back[160];
            struct buf out;
            for (size_t i = 0; i < count; i++)
                septets[i] = (uint8_t)((i * 37 + count + fill) & 0x7F);
            buf_init(&out, packed, sizeof(packed));
            gsm7_pack(septets, count, fill, &out);
            assert_int_equal(out.len, (fill + 7 * count + 7) / 8);
            for (size_t bit = 0; bit < out.len * 8; bit++) {
                const size_t at = bit - fill;
                const bool is_text = bit >= fill && at / 7 < count;
                const int expect = is_text ? septets[at / 7] >> (at % 7) & 1 : 0;
                assert_int_equal(packed[bit / 8] >> (bit % 8) & 1, expect);
            }
            /* a block of the exact size shows a sanitizer any octet too far */
            uint8_t *block = malloc(out.len + 1);
            assert_non_null(block);
            memcpy(block + 1, packed, out.len);
            assert_true(gsm7_unpack(block + 1, out.len, fill, count, back));
            assert_memory_equal(back, septets, count);
            if (count > 0)
                assert_false(gsm7_unpack(block + 1, out.len - 1, fill, count, back));
            free(block);
        }
    }
}

/* Seven octets hold seven septets or eight: only the count tells, else a '@' grows at the end. */
static void test_no_at_sign_grows(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t octets;
    } rows[] = {{"sietesi", 7}, {"ochoocho", 7}, {"sieteo@", 7}, {"siete @@", 7}, {"", 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t septets[8];
        uint8_t packed[8];
        uint8_t back[8];
        char text[ROOM];
        size_t count;
        size_t bad;
        struct buf out;
        assert_true(gsm7_from_utf8(rows[i].text, strlen(rows[i].text), septets, 8, &count, &bad));
        buf_init(&out, packed, sizeof(packed));
        gsm7_pack(septets, count, 0, &out);
        assert_int_equal(out.len, rows[i].octets);
        assert_true(gsm7_unpack(packed, out.len, 0, count, back));
        assert_string_equal(shown(back, count, text), rows[i].text);
    }
}

/* Counts from a hostile length octet, and beyond. */
static void test_unpack_refuses(void **state)
{
    (void)state;
    const uint8_t bytes[7] = {0};
    uint8_t out[8];
    assert_true(gsm7_unpack(bytes, 7, 0, 8, out));
    assert_false(gsm7_unpack(bytes, 7, 0, 9, out));
    assert_false(gsm7_unpack(bytes, 7, 1, 8, out));
    assert_false(gsm7_unpack(bytes, 0, 6, 1, out));
    assert_false(gsm7_unpack(bytes, 7, 0, SIZE_MAX, out));
    assert_true(gsm7_unpack(bytes, 0, 6, 0, out));
}

static void test_ucs2(void **state)
{
    (void)state;
    static const struct {
        const char *utf8;
        const char *bytes;
        size_t len;
    } rows[] = {
        {"", "", 0},
        {"Aá€", "\0A\0\xE1\x20\xAC", 6},
        {"😀", "\xD8\x3D\xDE\x00", 4},
        {"\xF0\x90\x80\x80", "\xD8\x00\xDC\x00", 4},
        {"\xF4\x8F\xBF\xBF", "\xDB\xFF\xDF\xFF", 4},
        {"\xEF\xBF\xBF", "\xFF\xFF", 2},
        {"中文", "\x4E\x2D\x65\x87", 4},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[16];
        char text[ROOM];
        struct buf out;
        buf_init(&out, bytes, sizeof(bytes));
        assert_true(ucs2_from_utf8(rows[i].utf8, strlen(rows[i].utf8), &out));
        assert_int_equal(out.len, rows[i].len);
        assert_memory_equal(bytes, rows[i].bytes, rows[i].len);
        buf_init(&out, text, sizeof(text));
        ucs2_to_utf8(bytes, rows[i].len, &out);
        assert_string_equal(buf_cstr(&out), rows[i].utf8);
    }
}

static void test_ucs2_damage(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *utf8;
    } rows[] = {
        {"\xD8\x3D", 2, "\xEF\xBF\xBD"},
        {"\xD8\x3D\xDE", 3, "\xEF\xBF\xBD"},
        {"\xDE\x00\xD8\x3D", 4, "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xD8\x3D\x00"
         "A",
         4,
         "\xEF\xBF\xBD"
         "A"},
        {"\xD8\x3D\xD8\x3D\xDE\x00", 6, "\xEF\xBF\xBD😀"},
        {"\x00"
         "A\x00",
         3, "A"},
        {"\x00", 1, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[ROOM];
        struct buf out;
        buf_init(&out, text, sizeof(text));
        ucs2_to_utf8((const uint8_t *)rows[i].bytes, rows[i].len, &out);
        assert_string_equal(buf_cstr(&out), rows[i].utf8);
    }
    uint8_t small[3];
    struct buf out;
    buf_init(&out, small, sizeof(small));
    assert_false(ucs2_from_utf8("ab", 2, &out));
    buf_init(&out, small, sizeof(small));
    assert_false(ucs2_from_utf8("\xC3(", 2, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_septet),      cmocka_unit_test(test_every_escape),
        cmocka_unit_test(test_from_utf8_refuses), cmocka_unit_test(test_from_utf8_fits_exactly),
        cmocka_unit_test(test_packing),           cmocka_unit_test(test_no_at_sign_grows),
        cmocka_unit_test(test_unpack_refuses),    cmocka_unit_test(test_ucs2),
        cmocka_unit_test(test_ucs2_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
