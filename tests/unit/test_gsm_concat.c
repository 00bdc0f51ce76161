/* SPDX-License-Identifier: EUPL-1.2 */
/* Long messages put together again, and what USSD answers say. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "gsm/concat.h"
#include "gsm/gsm7.h"
#include "gsm/ussd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOTAL_MAX = 255, TEXT_CAP = TOTAL_MAX * (GSM_CONCAT_TEXT_MAX + 5) };

struct wanted_part {
    unsigned index;
    enum gsm_alphabet alphabet;
    const char *data;
    size_t len;
};

/* clang-format off */
#define SEVEN(index, text) {index, GSM_ALPHABET_7BIT, text, sizeof(text) - 1}
#define UCS2(index, bytes) {index, GSM_ALPHABET_UCS2, bytes, sizeof(bytes) - 1}
#define EIGHT(index, bytes) {index, GSM_ALPHABET_8BIT, bytes, sizeof(bytes) - 1}
/* clang-format on */

static struct gsm_concat_part make_part(const struct wanted_part *from)
{
    struct gsm_concat_part part = {
        .index = (uint8_t)from->index, .alphabet = from->alphabet, .len = from->len};
    memcpy(part.data, from->data, from->len);
    return part;
}

static const char *text_of(const struct gsm_concat_set *set)
{
    static char storage[TEXT_CAP + 1];
    struct buf out;
    buf_init(&out, storage, sizeof(storage));
    gsm_concat_text(set, &out);
    assert_true(buf_ok(&out));
    return buf_cstr(&out);
}

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        unsigned total;
        struct wanted_part parts[4];
        const char *text;
        bool complete;
    } rows[] = {
        {"in order", 2, {SEVEN(1, "Hola "), SEVEN(2, "Ana")}, "Hola Ana", true},
        {"backwards", 3, {SEVEN(3, "c"), SEVEN(2, "b"), SEVEN(1, "a")}, "abc", true},
        {"the middle is missing", 3, {SEVEN(1, "a"), SEVEN(3, "c")}, "a[…]c", false},
        {"only the middle", 3, {SEVEN(2, "b")}, "[…]b[…]", false},
        {"two missing in a row are one gap", 4, {SEVEN(1, "a"), SEVEN(4, "d")}, "a[…]d", false},
        {"nothing at all", 2, {{0}}, "[…]", false},
        {"alphabets mixed", 3, {SEVEN(1, "a"), UCS2(2, "\x00\xF3"), SEVEN(3, "c")}, "aóc", true},
        {"bytes between texts", 2, {SEVEN(1, "a"), EIGHT(2, "\x01\xFF")}, "a01FF", true},
        {"a surrogate pair cut in two",
         2,
         {UCS2(1, "\x00"
                  "A\xD8\x3D"),
          UCS2(2, "\xDE\x00\x00"
                  "B")},
         "A😀B",
         true},
        {"its second half is missing",
         3,
         {UCS2(1, "\xD8\x3D"), UCS2(3, "\x00"
                                       "B")},
         "\uFFFD[…]B",
         false},
        {"its second half is of another alphabet",
         2,
         {UCS2(1, "\xD8\x3D"), SEVEN(2, "b")},
         "\uFFFDb",
         true},
        {"a part of one half only", 2, {UCS2(1, "\xD8\x3D"), UCS2(2, "\xDE\x00")}, "😀", true},
        {"a euro sign cut behind its escape", 2, {SEVEN(1, "5 \x1B"), SEVEN(2, "e")}, "5 €", true},
        {"an odd byte too many",
         2,
         {UCS2(1, "\x00"
                  "A\x00"),
          UCS2(2, "\x00"
                  "B")},
         "AB",
         true},
        {"zeros do not end it",
         2,
         {UCS2(1, "\x00\x00"), UCS2(2, "\x00"
                                       "B")},
         "\uFFFDB",
         true},
        {"empty parts", 2, {SEVEN(1, ""), SEVEN(2, "")}, "", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gsm_concat_part storage[4];
        struct gsm_concat_set set;
        gsm_concat_init(&set, (uint8_t)rows[i].total, storage, 4);
        for (size_t p = 0; p < 4 && rows[i].parts[p].index != 0; p++) {
            struct gsm_concat_part part = make_part(&rows[i].parts[p]);
            assert_int_equal(gsm_concat_add(&set, &part), GSM_CONCAT_NEW);
        }
        if (strcmp(text_of(&set), rows[i].text) != 0)
            fail_msg("%s: «%s»", rows[i].what, text_of(&set));
        if (gsm_concat_is_complete(&set) != rows[i].complete)
            fail_msg("%s: complete", rows[i].what);
    }
}

static void test_verdicts(void **state)
{
    (void)state;
    static const struct {
        struct wanted_part part;
        enum gsm_concat_verdict expected;
    } rows[] = {
        {SEVEN(2, "b"), GSM_CONCAT_NEW},     {SEVEN(2, "b"), GSM_CONCAT_AGAIN},
        {SEVEN(2, "x"), GSM_CONCAT_OTHER},   {SEVEN(2, "bb"), GSM_CONCAT_OTHER},
        {EIGHT(2, "b"), GSM_CONCAT_OTHER},   {SEVEN(0, "a"), GSM_CONCAT_REFUSED},
        {SEVEN(4, "d"), GSM_CONCAT_REFUSED}, {SEVEN(255, "z"), GSM_CONCAT_REFUSED},
        {SEVEN(1, "a"), GSM_CONCAT_NEW},     {SEVEN(3, "c"), GSM_CONCAT_REFUSED}, /* no room */
        {SEVEN(1, "a"), GSM_CONCAT_AGAIN},
    };
    struct gsm_concat_part storage[2];
    struct gsm_concat_set set;
    gsm_concat_init(&set, 3, storage, 2);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gsm_concat_part part = make_part(&rows[i].part);
        if (gsm_concat_add(&set, &part) != rows[i].expected)
            fail_msg("row %zu", i);
    }
    struct gsm_concat_part huge = {.index = 3, .len = GSM_CONCAT_DATA_MAX + 1};
    assert_int_equal(gsm_concat_add(&set, &huge), GSM_CONCAT_REFUSED);
    assert_string_equal(text_of(&set), "ab[…]");
}

/* The longest there is, in any order, with every part said twice; and the worst text fits. */
static void test_255_parts_in_any_order(void **state)
{
    (void)state;
    static struct gsm_concat_part storage[GSM_CONCAT_MAX];
    unsigned order[TOTAL_MAX];
    struct gsm_concat_set set;
    gsm_concat_init(&set, TOTAL_MAX, storage, GSM_CONCAT_MAX);
    for (unsigned i = 0; i < TOTAL_MAX; i++)
        order[i] = i + 1;
    srand(7);
    for (unsigned i = TOTAL_MAX - 1; i > 0; i--) {
        unsigned other = (unsigned)rand() % (i + 1), kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    for (unsigned i = 0; i < TOTAL_MAX; i++) {
        struct gsm_concat_part part = {.index = (uint8_t)order[i], .len = GSM_CONCAT_DATA_MAX};
        memset(part.data, 0x10, sizeof(part.data)); /* a Greek letter: two bytes each */
        part.data[0] = (uint8_t)('A' + order[i] % 26);
        assert_false(gsm_concat_is_complete(&set));
        assert_int_equal(gsm_concat_add(&set, &part), GSM_CONCAT_NEW);
        assert_int_equal(gsm_concat_add(&set, &part), GSM_CONCAT_AGAIN);
    }
    assert_true(gsm_concat_is_complete(&set));
    const char *text = text_of(&set);
    size_t stride = 1 + 2 * (GSM_CONCAT_DATA_MAX - 1);
    assert_int_equal(strlen(text), TOTAL_MAX * stride);
    for (unsigned i = 0; i < TOTAL_MAX; i++)
        assert_int_equal(text[i * stride], 'A' + (i + 1) % 26);
}

/* A set made of anything at all stays inside its storage. */
static void test_noise(void **state)
{
    (void)state;
    srand(11);
    for (unsigned round = 0; round < 2000; round++) {
        size_t cap = (size_t)rand() % 6;
        struct gsm_concat_part *storage = calloc(cap + 1, sizeof(*storage));
        struct gsm_concat_set set;
        gsm_concat_init(&set, (uint8_t)rand(), storage, cap);
        for (unsigned i = 0; i < 12; i++) {
            struct gsm_concat_part part = {.index = (uint8_t)(rand() % 9),
                                           .alphabet = (enum gsm_alphabet)(rand() % 3),
                                           .len = (size_t)rand() % (GSM_CONCAT_DATA_MAX + 3)};
            for (size_t b = 0; b < sizeof(part.data); b++)
                part.data[b] = (uint8_t)(rand() % 4 == 0 ? 0xD8 : rand());
            (void)gsm_concat_add(&set, &part);
            (void)text_of(&set);
        }
        assert_true(set.count <= cap);
        free(storage);
    }
}

static void test_ussd(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        int dcs;
        const char *text;
    } rows[] = {
        {"Su saldo es 5,20 EUR", 15, "Su saldo es 5,20 EUR"},
        {"Su saldo es 5,20 EUR", GSM_USSD_DCS_NONE, "Su saldo es 5,20 EUR"},
        {"D33A681E6693DFA0F21C5463C960A062550A", 15, "Su saldo es 5,20 EUR"}, /* Huawei */
        {"D3309BFC06DD1A", 15, "Saldo 7"}, /* padded with CR… */
        {"D3309BFC06DD00", 15, "Saldo 7"}, /* … or with zeros */
        {"00530061006C0064006F003A00200035002C00320030002020AC", 72, "Saldo: 5,20 €"},
        {"00530061006C0064006F003A00200035002C00320030002020AC", 15, "Saldo: 5,20 €"},
        {"6573005300ED", 17, "Sí"},
        {"E57903FD6687416110FD4D7ECF01", 16, "hola a todos"},
        {"0053", 72, "S"},
        {"00530061006C0064006F00000041FFFF00420043", 72,
         "Saldo"},                /* rubbish of its memory behind */
        {"0053006100", 72, "Sa"}, /* cut in a character */
        {"0000", 72, ""},
        {"530061006C0064006F00", 72, "Saldo"}, /* the least octet first */
        {"530061006C0064006F0020003500", 15, "Saldo 5"},
        {"65730053000000ED", 17, "S"},
        {"1250", 15, "1250"},         /* an amount, not two bytes */
        {"12345678", 15, "12345678"}, /* the same */
        {"FACADE", 15, "FACADE"},
        {"53616C646F20616374756C3A2037", 15,
         "Saldo actul: 7"}, /* too short to be sure: see below */
        {"53616C646F206163747561C3 2037", 15, "53616C646F206163747561C3 2037"},
        {"0102FEFF01020304", 0x44, "0102FEFF01020304"},
        {"", 15, ""},
        {"Saldo", 999, "Saldo"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char storage[GSM_USSD_TEXT_MAX];
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        assert_true(gsm_ussd_text(rows[i].given, rows[i].dcs, &out));
        if (strcmp(buf_cstr(&out), rows[i].text) != 0)
            fail_msg("row %zu: «%s»", i, buf_cstr(&out));
    }
}

static void test_ussd_code(void **state)
{
    (void)state;
    static const struct {
        const char *code, *packed;
    } rows[] = {{"*134#", "AAD88C3602"}, {"*100*1#", "AA180CA68A8D1A"}, {"*134€#á", NULL}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char storage[64];
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        assert_int_equal(gsm_ussd_pack(rows[i].code, &out), rows[i].packed != NULL);
        if (rows[i].packed != NULL)
            assert_string_equal(buf_cstr(&out), rows[i].packed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_255_parts_in_any_order),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_ussd),
        cmocka_unit_test(test_ussd_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
