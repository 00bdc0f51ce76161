/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/key_words.h"

#include "base/utf8.h"

#include <string.h>

/* Without h, k, q, w, x and ñ: people mix them up with others when they copy. */
static const char consonants[] = "bcdfgjlmnprstvyz";
static const char vowels[] = "aeiou";

enum {
    SYLLABLES = 3,
    CONSONANTS = sizeof(consonants) - 1,
    VOWELS = sizeof(vowels) - 1,
    IN_SYLLABLE = CONSONANTS * VOWELS,
    CHECKS = 7, /* 65536 * 7 numbers fit in 80 * 80 * 80 */
    LAST = KEY_WORDS - 1,
};

_Static_assert(CONSONANTS == 16 && VOWELS == 5, "80 syllables");
_Static_assert(65536 * CHECKS <= IN_SYLLABLE * IN_SYLLABLE * IN_SYLLABLE, "a word holds it all");

/* The check of a value in its place: 6 of 7 errors do not pass it. */
static uint32_t check_of(uint32_t value, size_t place)
{
    uint32_t mixed = (value + 1) * UINT32_C(2654435761) + (uint32_t)place * UINT32_C(0x9E3779B1);
    mixed ^= mixed >> 15;
    return mixed * UINT32_C(0x85EBCA6B) % CHECKS;
}

static void write_word(uint32_t value, size_t place, char ret[KEY_WORD_SIZE])
{
    uint32_t number = value * CHECKS + check_of(value, place);
    for (int i = SYLLABLES - 1; i >= 0; i--) {
        ret[2 * i] = consonants[number % IN_SYLLABLE / VOWELS];
        ret[2 * i + 1] = vowels[number % VOWELS];
        number /= IN_SYLLABLE;
    }
    ret[KEY_WORD_CHARS] = '\0';
}

/* The value of the last word: of all bytes of the key. */
static uint32_t sum_of(const uint32_t values[LAST])
{
    uint8_t key[SECRET_KEY_BYTES];
    char digest[SECRET_DIGEST_HEX_SIZE];
    uint32_t sum = 0;
    for (size_t i = 0; i < LAST; i++) {
        key[2 * i] = (uint8_t)(values[i] >> 8);
        key[2 * i + 1] = (uint8_t)values[i];
    }
    secret_digest_hex(key, sizeof(key), digest);
    for (size_t i = 0; i < 4; i++)
        sum = sum << 4 | (uint32_t)(digest[i] <= '9' ? digest[i] - '0' : digest[i] - 'a' + 10);
    secret_wipe(key, sizeof(key));
    return sum;
}

void key_words_write(const uint8_t key[SECRET_KEY_BYTES], char ret[KEY_WORDS][KEY_WORD_SIZE])
{
    uint32_t values[LAST];
    for (size_t i = 0; i < LAST; i++) {
        values[i] = (uint32_t)key[2 * i] << 8 | key[2 * i + 1];
        write_word(values[i], i, ret[i]);
    }
    write_word(sum_of(values), LAST, ret[LAST]);
    secret_wipe(values, sizeof(values));
}

/* The number that a word stands for; false: it is no word of ours. */
static bool read_word(const char *word, size_t len, uint32_t *ret)
{
    uint32_t number = 0;
    if (len != KEY_WORD_CHARS)
        return false;
    for (size_t i = 0; i < len; i += 2) {
        const char *consonant = memchr(consonants, word[i], CONSONANTS);
        const char *vowel = memchr(vowels, word[i + 1], VOWELS);
        if (consonant == NULL || vowel == NULL)
            return false;
        number = (number * CONSONANTS + (uint32_t)(consonant - consonants)) * VOWELS +
                 (uint32_t)(vowel - vowels);
    }
    *ret = number;
    return number < 65536 * CHECKS;
}

static bool fits(uint32_t number, size_t place)
{
    return number % CHECKS == check_of(number / CHECKS, place);
}

/* The first place whose word does not fit there; KEY_WORDS if each does. */
static size_t find_misfit(const uint32_t numbers[KEY_WORDS])
{
    size_t place = 0;
    while (place < KEY_WORDS && fits(numbers[place], place))
        place++;
    return place;
}

static bool is_key(const uint32_t numbers[KEY_WORDS])
{
    uint32_t values[LAST];
    if (find_misfit(numbers) < KEY_WORDS)
        return false;
    for (size_t i = 0; i < LAST; i++)
        values[i] = numbers[i] / CHECKS;
    bool is_good = sum_of(values) == numbers[LAST] / CHECKS;
    secret_wipe(values, sizeof(values));
    return is_good;
}

static void move_word(uint32_t numbers[KEY_WORDS], size_t from, size_t to)
{
    uint32_t moved = numbers[from];
    for (; from < to; from++)
        numbers[from] = numbers[from + 1];
    for (; from > to; from--)
        numbers[from] = numbers[from - 1];
    numbers[to] = moved;
}

/* Whether the words are a key once one is moved from a place to another, or two are swapped. */
static bool is_key_reordered(const uint32_t numbers[KEY_WORDS], size_t a, size_t b, bool is_swap)
{
    uint32_t tried[KEY_WORDS];
    memcpy(tried, numbers, sizeof(tried));
    move_word(tried, a, b);
    if (is_swap)
        move_word(tried, b > a ? b - 1 : b + 1, a);
    bool is_good = is_key(tried);
    secret_wipe(tried, sizeof(tried));
    return is_good;
}

/* Finds the fault in words that each can be read. Swaps before moves: two neighbours are both. */
static struct key_words_verdict judge(const uint32_t numbers[KEY_WORDS])
{
    if (is_key(numbers))
        return (struct key_words_verdict){KEY_WORDS_GOOD, 0, 0};
    for (int is_swap = 1; is_swap >= 0; is_swap--)
        for (size_t a = 0; a < KEY_WORDS; a++)
            for (size_t b = is_swap ? a + 1 : 0; b < KEY_WORDS; b++)
                if (a != b && is_key_reordered(numbers, a, b, is_swap != 0))
                    return (struct key_words_verdict){is_swap ? KEY_WORDS_SWAPPED : KEY_WORDS_MOVED,
                                                      a + 1, b + 1};
    size_t misfit = find_misfit(numbers);
    return (struct key_words_verdict){misfit < KEY_WORDS ? KEY_WORDS_WORD : KEY_WORDS_WHOLE,
                                      misfit < KEY_WORDS ? misfit + 1 : 0, 0};
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

/* The numbers of the words of a folded text; what is wrong with the first that cannot be read. */
static struct key_words_verdict read_numbers(const char *at, uint32_t ret[KEY_WORDS])
{
    size_t count = 0, unread = 0;
    while (*at != '\0') {
        size_t len = 0;
        uint32_t number = 0;
        while (is_letter(at[len]))
            len++;
        if (len > 0 && !read_word(at, len, &number) && unread == 0)
            unread = count + 1;
        if (len > 0 && count++ < KEY_WORDS)
            ret[count - 1] = number;
        at += len > 0 ? len : 1;
    }
    if (unread > 0 && unread <= KEY_WORDS)
        return (struct key_words_verdict){KEY_WORDS_WORD, unread, 0};
    return (struct key_words_verdict){count == KEY_WORDS ? KEY_WORDS_GOOD : KEY_WORDS_COUNT, count,
                                      0};
}

struct key_words_verdict key_words_read(const char *text, uint8_t ret[SECRET_KEY_BYTES])
{
    char folded[KEY_WORDS_TEXT_MAX];
    uint32_t numbers[KEY_WORDS] = {0};
    if (!utf8_fold(text, strlen(text), folded, sizeof(folded)))
        return (struct key_words_verdict){KEY_WORDS_COUNT, 0, 0};
    struct key_words_verdict verdict = read_numbers(folded, numbers);
    if (verdict.fault == KEY_WORDS_GOOD)
        verdict = judge(numbers);
    for (size_t i = 0; verdict.fault == KEY_WORDS_GOOD && i < LAST; i++) {
        ret[2 * i] = (uint8_t)(numbers[i] / CHECKS >> 8);
        ret[2 * i + 1] = (uint8_t)(numbers[i] / CHECKS);
    }
    secret_wipe(folded, sizeof(folded));
    secret_wipe(numbers, sizeof(numbers));
    return verdict;
}
