/* SPDX-License-Identifier: EUPL-1.2 */
/* Texts to parts: the bounds, and that no cut falls inside a pair, wherever the pair stands. */
#include "base/buf.h"
#include "gsm/gsm7.h"
#include "gsm/segment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { TEXT_MAX = 8192 };

/* before × 'a' (or 'á'), the mark, after × 'a' (or 'á'); returns the length in bytes. */
static size_t build(char *out, size_t before, const char *mark, size_t after, const char *filler)
{
    struct buf b;
    buf_init(&b, out, TEXT_MAX);
    for (size_t i = 0; i < before; i++)
        buf_str(&b, filler);
    buf_str(&b, mark);
    for (size_t i = 0; i < after; i++)
        buf_str(&b, filler);
    assert_non_null(buf_cstr(&b));
    return b.len;
}

/* Lengths in septets or octets. */
static const struct {
    size_t before;
    const char *mark;
    size_t after;
    const char *filler;
    size_t parts; /* 0 = refused */
    enum gsm_alphabet alphabet;
    size_t first;
    size_t last;
} bounds[] = {
    {1, "", 0, "a", 1, GSM_ALPHABET_7BIT, 1, 1},
    {160, "", 0, "a", 1, GSM_ALPHABET_7BIT, 160, 160},
    {161, "", 0, "a", 2, GSM_ALPHABET_7BIT, 153, 8},
    {306, "", 0, "a", 2, GSM_ALPHABET_7BIT, 153, 153},
    {307, "", 0, "a", 3, GSM_ALPHABET_7BIT, 153, 1},
    {1530, "", 0, "a", 10, GSM_ALPHABET_7BIT, 153, 153},
    {1531, "", 0, "a", 0, GSM_ALPHABET_7BIT, 0, 0},
    {0, "", 0, "a", 0, GSM_ALPHABET_7BIT, 0, 0},
    /* an extension character takes two */
    {80, "", 0, "€", 1, GSM_ALPHABET_7BIT, 160, 160},
    {158, "€", 0, "a", 1, GSM_ALPHABET_7BIT, 160, 160},
    {159, "€", 0, "a", 2, GSM_ALPHABET_7BIT, 153, 8},
    {152, "[", 7, "a", 2, GSM_ALPHABET_7BIT, 152, 9},
    /* a text may fit by its length and not by its cuts: 152 in each part of euros */
    {760, "", 0, "€", 10, GSM_ALPHABET_7BIT, 152, 152},
    {761, "", 0, "€", 0, GSM_ALPHABET_7BIT, 0, 0},
    /* a single accent makes it UCS-2 */
    {69, "", 0, "á", 1, GSM_ALPHABET_UCS2, 138, 138},
    {70, "", 0, "á", 1, GSM_ALPHABET_UCS2, 140, 140},
    {71, "", 0, "á", 2, GSM_ALPHABET_UCS2, 134, 8},
    {35, "", 0, "😀", 1, GSM_ALPHABET_UCS2, 140, 140},
    {36, "", 0, "😀", 2, GSM_ALPHABET_UCS2, 132, 12},
    {160, "á", 0, "a", 3, GSM_ALPHABET_UCS2, 134, 54},
    {670, "", 0, "á", 10, GSM_ALPHABET_UCS2, 134, 134},
    {671, "", 0, "á", 0, GSM_ALPHABET_UCS2, 0, 0},
    {330, "", 0, "😀", 10, GSM_ALPHABET_UCS2, 132, 132},
    {331, "", 0, "😀", 0, GSM_ALPHABET_UCS2, 0, 0},
    {1600, "á", 0, "a", 0, GSM_ALPHABET_UCS2, 0, 0},
    /* not UTF-8 */
    {3, "\xC3", 0, "a", 0, GSM_ALPHABET_7BIT, 0, 0},
    {3, "á\xFF", 3, "a", 0, GSM_ALPHABET_7BIT, 0, 0},
};

static void test_bounds(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        struct gsm_part parts[GSM_PARTS_MAX];
        size_t count = 0;
        const size_t len =
            build(text, bounds[i].before, bounds[i].mark, bounds[i].after, bounds[i].filler);
        const bool done = gsm_segment(text, len, 7, parts, &count);
        if (done != (bounds[i].parts > 0) || count != bounds[i].parts)
            fail_msg("row %zu: done %d, %zu parts", i, done, count);
        if (done) {
            assert_int_equal(parts[0].alphabet, bounds[i].alphabet);
            assert_int_equal(parts[0].data_len, bounds[i].first);
            assert_int_equal(parts[count - 1].data_len, bounds[i].last);
        }
    }
}

/* The parts, each decoded for itself and put together, are the text again. */
static void check_parts(const char *text, size_t len)
{
    struct gsm_part parts[GSM_PARTS_MAX];
    static char joined[TEXT_MAX];
    size_t count;
    struct buf out;
    assert_true(gsm_segment(text, len, 200, parts, &count));
    buf_init(&out, joined, sizeof(joined));
    for (size_t i = 0; i < count; i++) {
        const struct gsm_part *part = &parts[i];
        assert_int_equal(part->concat.present, count > 1);
        if (count > 1) {
            assert_int_equal(part->concat.reference, 200);
            assert_int_equal(part->concat.total, count);
            assert_int_equal(part->concat.index, i + 1);
        }
        if (part->alphabet == GSM_ALPHABET_7BIT)
            gsm7_to_utf8(part->data, part->data_len, &out);
        else
            ucs2_to_utf8(part->data, part->data_len, &out);
        /* a phone must be able to take it */
        struct gsm_submit whole = {.to = {"1"}};
        uint8_t pdu[GSM_PDU_MAX];
        struct buf pdu_out;
        size_t tpdu_len;
        whole.alphabet = part->alphabet;
        whole.concat = part->concat;
        whole.data_len = part->data_len;
        memcpy(whole.data, part->data, sizeof(whole.data));
        buf_init(&pdu_out, pdu, sizeof(pdu));
        assert_true(gsm_submit_encode(&whole, &pdu_out, &tpdu_len));
    }
    assert_string_equal(buf_cstr(&out), text);
}

/* A pair at each position of a text of three parts: split, it would come back as two characters. */
static void test_no_pair_is_split(void **state)
{
    (void)state;
    static const struct {
        const char *mark;
        const char *filler;
        size_t total;
    } rows[] = {
        {"€", "a", 320},
        {"[", "a", 320},
        {"]", "a", 320},
        {"{", "a", 320},
        {"}", "a", 320},
        {"€€", "a", 320},
        {"[{}]", "a", 320},
        {"\\~^|", "a", 320},
        {"😀", "á", 140},
        {"😀😀", "á", 140},
        {"👨‍👩‍👧", "á", 140},
        {"😀", "a", 140},
    };
    static char text[TEXT_MAX];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t at = 0; at <= rows[i].total; at++) {
            const size_t len = build(text, at, rows[i].mark, rows[i].total - at, rows[i].filler);
            check_parts(text, len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_no_pair_is_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
