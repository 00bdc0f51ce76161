/* SPDX-License-Identifier: EUPL-1.2 */
/* The master key as words: back whole, and each mistake of a person told by its place. */
#include "base/key_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

struct paper {
    uint8_t key[SECRET_KEY_BYTES];
    char words[KEY_WORDS][KEY_WORD_SIZE];
    char text[KEY_WORDS_TEXT_MAX];
};

static void write_text(struct paper *paper, const char *between)
{
    size_t len = 0;
    for (size_t i = 0; i < KEY_WORDS; i++)
        len += (size_t)snprintf(paper->text + len, sizeof(paper->text) - len, "%s%s",
                                i > 0 ? between : "", paper->words[i]);
}

static void append(struct paper *paper, const char *text)
{
    size_t len = strlen(paper->text);
    (void)snprintf(paper->text + len, sizeof(paper->text) - len, "%s", text);
}

static void draw(struct paper *paper)
{
    secret_random(paper->key, sizeof(paper->key));
    key_words_write(paper->key, paper->words);
    write_text(paper, " ");
}

static void expect(struct paper *paper, enum key_words_fault fault, size_t first, size_t second)
{
    uint8_t key[SECRET_KEY_BYTES] = {0};
    struct key_words_verdict verdict = key_words_read(paper->text, key);
    if (verdict.fault != fault || verdict.first != first || verdict.second != second)
        fail_msg("%d %zu %zu, not %d %zu %zu: %s", (int)verdict.fault, verdict.first,
                 verdict.second, (int)fault, first, second, paper->text);
    if (fault == KEY_WORDS_GOOD)
        assert_memory_equal(key, paper->key, sizeof(key));
}

static void one_key_has_these_words_for_ever(void **state)
{
    (void)state;
    struct paper paper;
    for (size_t i = 0; i < sizeof(paper.key); i++)
        paper.key[i] = (uint8_t)i;
    key_words_write(paper.key, paper.words);
    write_text(&paper, " ");
    assert_string_equal(paper.text,
                        "babado bapade bedaca besaca bigabe bituzu bojuzu boyuzu bumuze "
                        "cabuza capuya ceduve cesutu ciguto civuva coluta jisosu");
}

static void back_whole_however_they_are_written(void **state)
{
    (void)state;
    struct paper paper;
    for (int i = 0; i < 1000; i++) {
        draw(&paper);
        expect(&paper, KEY_WORDS_GOOD, 0, 0);
    }
    write_text(&paper, "\n  12. ");
    expect(&paper, KEY_WORDS_GOOD, 0, 0);
    write_text(&paper, " - ");
    for (char *at = paper.text; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    expect(&paper, KEY_WORDS_GOOD, 0, 0);
    char accented[KEY_WORDS_TEXT_MAX] = "";
    size_t len = 0;
    for (const char *at = paper.text; *at != '\0'; at++)
        len += (size_t)snprintf(accented + len, sizeof(accented) - len,
                                *at == 'A'   ? "á"
                                : *at == 'O' ? "O\u0301"
                                             : "%c",
                                *at);
    memcpy(paper.text, accented, sizeof(accented));
    expect(&paper, KEY_WORDS_GOOD, 0, 0);
}

static void too_few_and_too_many(void **state)
{
    (void)state;
    struct paper paper;
    draw(&paper);
    paper.text[0] = '\0';
    expect(&paper, KEY_WORDS_COUNT, 0, 0);
    write_text(&paper, " ");
    paper.text[strlen(paper.text) - KEY_WORD_SIZE] = '\0';
    expect(&paper, KEY_WORDS_COUNT, KEY_WORDS - 1, 0);
    write_text(&paper, " ");
    append(&paper, " bababa");
    expect(&paper, KEY_WORDS_COUNT, KEY_WORDS + 1, 0);
    memset(paper.text, 'b', sizeof(paper.text) / 2);
    paper.text[sizeof(paper.text) / 2] = '\0';
    expect(&paper, KEY_WORDS_WORD, 1, 0);
    snprintf(paper.text, sizeof(paper.text), "\xff");
    expect(&paper, KEY_WORDS_COUNT, 0, 0);
}

static void a_word_that_is_none(void **state)
{
    (void)state;
    static const char *const words[] = {"queso", "bababah", "zuzuzu", "b", "babáñu", "ababab"};
    struct paper paper;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        draw(&paper);
        snprintf(paper.text, sizeof(paper.text), "%s", paper.words[0]);
        for (size_t at = 1; at < KEY_WORDS; at++) {
            append(&paper, " ");
            append(&paper, at == i + 3 ? words[i] : paper.words[at]);
        }
        expect(&paper, KEY_WORDS_WORD, i + 4, 0);
    }
}

/* Each letter of the paper, misread as any other: never a key, and most often the word is named. */
static void a_letter_that_is_misread(void **state)
{
    (void)state;
    struct paper paper;
    size_t tried = 0, named = 0;
    draw(&paper);
    for (char *at = paper.text; *at != '\0'; at++) {
        char was = *at;
        for (char c = 'a'; c <= 'z'; c++) {
            uint8_t key[SECRET_KEY_BYTES];
            if (c == was || was == ' ')
                continue;
            *at = c;
            struct key_words_verdict verdict = key_words_read(paper.text, key);
            assert_int_not_equal(verdict.fault, KEY_WORDS_GOOD);
            named += verdict.fault == KEY_WORDS_WORD &&
                     verdict.first == (size_t)(at - paper.text) / KEY_WORD_SIZE + 1;
            tried++;
        }
        *at = was;
    }
    assert_true(named * 10 > tried * 9);
}

static void words_in_each_others_place(void **state)
{
    (void)state;
    struct paper paper, other;
    for (size_t a = 0; a < KEY_WORDS; a++) {
        for (size_t b = a + 1; b < KEY_WORDS; b++) {
            draw(&paper);
            other = paper;
            memcpy(other.words[a], paper.words[b], KEY_WORD_SIZE);
            memcpy(other.words[b], paper.words[a], KEY_WORD_SIZE);
            write_text(&other, " ");
            expect(&other, KEY_WORDS_SWAPPED, a + 1, b + 1);
        }
    }
    draw(&paper);
    other = paper;
    for (size_t i = 2; i < 9; i++)
        memcpy(other.words[i], paper.words[i + 1], KEY_WORD_SIZE);
    memcpy(other.words[9], paper.words[2], KEY_WORD_SIZE);
    write_text(&other, " ");
    expect(&other, KEY_WORDS_MOVED, 10, 3);
}

static void words_of_two_keys(void **state)
{
    (void)state;
    struct paper paper, other;
    for (int i = 0; i < 100; i++) {
        uint8_t key[SECRET_KEY_BYTES];
        draw(&paper);
        draw(&other);
        memcpy(paper.words[8], other.words[8], KEY_WORD_SIZE * (KEY_WORDS - 8));
        write_text(&paper, " ");
        struct key_words_verdict verdict = key_words_read(paper.text, key);
        assert_int_equal(verdict.fault, KEY_WORDS_WHOLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key_has_these_words_for_ever),
        cmocka_unit_test(back_whole_however_they_are_written),
        cmocka_unit_test(too_few_and_too_many),
        cmocka_unit_test(a_word_that_is_none),
        cmocka_unit_test(a_letter_that_is_misread),
        cmocka_unit_test(words_in_each_others_place),
        cmocka_unit_test(words_of_two_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
