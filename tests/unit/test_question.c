/* SPDX-License-Identifier: EUPL-1.2 */
/* The plain questions of a reto: domain/question.h. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWN = 4000 };

static void make_seed(uint32_t n, uint8_t ret[QUESTION_SEED_BYTES])
{
    for (size_t i = 0; i < QUESTION_SEED_BYTES; i++) {
        n = n * 1664525 + 1013904223;
        ret[i] = (uint8_t)(n >> 16);
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void draw_many(enum text_lang lang, char (*texts)[QUESTION_SIZE])
{
    uint8_t seed[QUESTION_SEED_BYTES];
    struct question question, again;
    for (uint32_t n = 0; n < DRAWN; n++) {
        make_seed(n, seed);
        question_draw(lang, seed, &question);
        question_draw(lang, seed, &again);
        assert_string_equal(question.text, again.text);
        assert_true(strlen(question.text) > 15 && strlen(question.text) < QUESTION_SIZE - 30);
        assert_null(strchr(question.text, '{'));
        assert_true(question_is_answer(&question, question.answer, strlen(question.answer)));
        /* a choice stands in its question, a sum does not tell its own */
        assert_true(question.number >= 0 || strstr(question.text, question.answer) != NULL);
        memcpy(texts[n], question.text, QUESTION_SIZE);
    }
}

static void test_thousands_in_each_language(void **state)
{
    (void)state;
    char(*texts)[QUESTION_SIZE] = calloc(DRAWN, QUESTION_SIZE);
    assert_non_null(texts);
    for (enum text_lang lang = 0; lang < TEXT_LANG_COUNT; lang++) {
        size_t different = 1;
        draw_many(lang, texts);
        qsort(texts, DRAWN, QUESTION_SIZE, compare);
        for (size_t n = 1; n < DRAWN; n++)
            different += strcmp(texts[n - 1], texts[n]) != 0;
        assert_true(different > DRAWN / 2);
    }
    free(texts);
}

/* No word stands in two groups, or twice in one: there is one right answer. */
static void test_one_answer(void **state)
{
    (void)state;
    uint8_t seed[QUESTION_SEED_BYTES] = {0, 2}; /* a group; its word is the first of the three */
    struct question first, other;
    for (enum text_lang lang = 0; lang < TEXT_LANG_COUNT; lang++) {
        for (int a = 0; a < 80; a++) {
            for (int b = 0; b < a; b++) {
                seed[5] = (uint8_t)(a / 10);
                seed[11] = (uint8_t)(a % 10);
                question_draw(lang, seed, &first);
                seed[5] = (uint8_t)(b / 10);
                seed[11] = (uint8_t)(b % 10);
                question_draw(lang, seed, &other);
                assert_false(question_is_answer(&first, other.answer, strlen(other.answer)));
            }
        }
    }
}

static void test_what_counts_as_the_answer(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_right;
    } rows[] = {{"dieciséis", true}, {"DIECISEIS", true}, {"  dieciseis. ", true},
                {"16", true},        {" 16 ", true},      {"", false},
                {"  ", false},       {"6", false},        {"diecisiete", false},
                {"016", false},      {"-1", false},       {"dieci séis", false}};
    const struct question sum = {.answer = "dieciséis", .number = 16};
    const struct question word = {.answer = "marrón", .number = -1};
    char longest[QUESTION_ANSWER_MAX + 2];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(question_is_answer(&sum, rows[i].text, strlen(rows[i].text)),
                         rows[i].is_right);
    assert_true(question_is_answer(&word, "Marron", 6));
    assert_false(question_is_answer(&word, "-1", 2));
    assert_false(question_is_answer(&word, "marr\xc3", 5));
    memset(longest, ' ', sizeof(longest));
    memcpy(longest, "x", 1);
    longest[sizeof(longest) - 1] = 'x';
    assert_false(question_is_answer(&word, longest, sizeof(longest)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thousands_in_each_language),
        cmocka_unit_test(test_one_answer),
        cmocka_unit_test(test_what_counts_as_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
