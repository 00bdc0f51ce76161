/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/question.h"

#include "base/template.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { NUMBERS_COUNT = 21, GROUPS_COUNT = 8, GROUP_WORDS = 10, CHOICES = 3 };
enum { ADDEND_MAX = 12, FOLDED_SIZE = 3 * QUESTION_ANSWER_MAX };

struct words {
    const char *sum, *largest, *odd; /* sentences */
    const char *numbers[NUMBERS_COUNT];
    struct {
        const char *name, *words[GROUP_WORDS];
    } groups[GROUPS_COUNT];
};

#define SENTENCES(sum_, largest_, odd_) .sum = (sum_), .largest = (largest_), .odd = (odd_),
#define NUMBERS(...) .numbers = {__VA_ARGS__},
#define GROUP(n, name_, ...) .groups[n] = {.name = (name_), .words = {__VA_ARGS__}},

#define CATALOGUE(lang) <domain/question_##lang.inc>
static const struct words languages[TEXT_LANG_COUNT] = {
#include "domain/catalogues.inc"
};

/* Numbers drawn from the bytes of the seed, two for each. */
struct dice {
    const uint8_t *at;
};

static size_t throw_below(struct dice *dice, size_t count)
{
    size_t number = (size_t)dice->at[0] << 8 | dice->at[1];
    dice->at += 2;
    return number % count;
}

/* Different ones: each is moved past those that were drawn before it. */
static void throw_different(struct dice *dice, size_t count, size_t ret[CHOICES])
{
    for (size_t i = 0; i < CHOICES; i++) {
        bool is_taken = true;
        ret[i] = throw_below(dice, count);
        while (is_taken) {
            is_taken = false;
            for (size_t k = 0; k < i; k++)
                is_taken = is_taken || ret[k] == ret[i];
            ret[i] = is_taken ? (ret[i] + 1) % count : ret[i];
        }
    }
}

/* Words for the braces of a sentence. */
struct filling {
    const char *group, *choices[CHOICES];
};

static void put_word(const void *user, const char *name, size_t len, struct buf *out)
{
    const struct filling *with = user;
    if (len == 1 && name[0] >= 'a' && name[0] < 'a' + CHOICES)
        buf_fmt(out, "%s", with->choices[name[0] - 'a']);
    else if (template_is_name("grupo", name, len))
        buf_fmt(out, "%s", with->group);
}

static void write_text(const char *sentence, const struct filling *with, struct question *ret)
{
    struct buf text;
    buf_init(&text, ret->text, sizeof(ret->text));
    template_fill(sentence, put_word, with, &text);
    (void)buf_cstr(&text);
}

static void ask_number(const struct words *words, const char *sentence, const struct filling *with,
                       size_t number, struct question *ret)
{
    write_text(sentence, with, ret);
    ret->number = (int)number;
    ret->answer = words->numbers[number];
}

static void ask_sum(const struct words *words, struct dice *dice, struct question *ret)
{
    size_t a = 1 + throw_below(dice, ADDEND_MAX);
    size_t b = 1 + throw_below(dice, NUMBERS_COUNT - 1 - ADDEND_MAX);
    const struct filling with = {.choices = {words->numbers[a], words->numbers[b]}};
    ask_number(words, words->sum, &with, a + b, ret);
}

static void ask_largest(const struct words *words, struct dice *dice, struct question *ret)
{
    struct filling with = {.group = NULL};
    size_t numbers[CHOICES], largest = 0;
    throw_different(dice, NUMBERS_COUNT, numbers);
    for (size_t i = 0; i < CHOICES; i++) {
        with.choices[i] = words->numbers[numbers[i]];
        largest = numbers[i] > largest ? numbers[i] : largest;
    }
    ask_number(words, words->largest, &with, largest, ret);
}

/* The word of one group, among words of others. */
static void ask_group(const struct words *words, struct dice *dice, struct question *ret)
{
    struct filling with = {.group = NULL};
    size_t groups[CHOICES], right = throw_below(dice, CHOICES);
    throw_different(dice, GROUPS_COUNT, groups);
    for (size_t i = 0; i < CHOICES; i++)
        with.choices[i] = words->groups[groups[i]].words[throw_below(dice, GROUP_WORDS)];
    with.group = words->groups[groups[right]].name;
    ret->answer = with.choices[right];
    write_text(words->odd, &with, ret);
}

void question_draw(enum text_lang lang, const uint8_t seed[QUESTION_SEED_BYTES],
                   struct question *ret)
{
    const struct words *words = &languages[lang];
    struct dice dice = {seed}; /* at most 1 + 1 + CHOICES + CHOICES are thrown: the whole seed */
    *ret = (struct question){.number = -1};
    switch (throw_below(&dice, 4)) {
    case 0:
        ask_sum(words, &dice, ret);
        break;
    case 1:
        ask_largest(words, &dice, ret);
        break;
    default:
        ask_group(words, &dice, ret);
    }
}

/* Without what does not count; false where the text is too long or no text. */
static bool fold_answer(const char *text, size_t len, char out[FOLDED_SIZE])
{
    while (len > 0 && strchr(" .\t", text[len - 1]) != NULL)
        len--;
    while (len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        len--;
    }
    return len > 0 && len <= QUESTION_ANSWER_MAX && utf8_fold(text, len, out, FOLDED_SIZE);
}

bool question_is_answer(const struct question *question, const char *text, size_t len)
{
    char given[FOLDED_SIZE], wanted[FOLDED_SIZE], figures[sizeof("-2147483648")];
    if (!fold_answer(text, len, given) ||
        !fold_answer(question->answer, strlen(question->answer), wanted))
        return false;
    (void)snprintf(figures, sizeof(figures), "%d", question->number);
    return strcmp(given, wanted) == 0 || (question->number >= 0 && strcmp(given, figures) == 0);
}
