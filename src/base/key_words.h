/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The master key as words for paper: 16 words of three syllables, two bytes of the key each, and
 * one more that proves all of them. No list of words is needed to read them: a syllable is one of
 * 16 consonants and one of 5 vowels, so that a word holds 16 bits and a check of its own, which its
 * place in the row is part of. A word that was misread, or stands in another's place, is named.
 */
#ifndef CC_BASE_KEY_WORDS_H
#define CC_BASE_KEY_WORDS_H

#include "base/secret.h"

#include <stddef.h>

enum {
    KEY_WORDS = SECRET_KEY_BYTES / 2 + 1,
    KEY_WORD_CHARS = 6,
    KEY_WORD_SIZE = KEY_WORD_CHARS + 1,
    KEY_WORDS_TEXT_MAX = 1024 /* bytes that are read, numbers and blanks among them */
};

/* Owns: the caller wipes ret. */
void key_words_write(const uint8_t key[SECRET_KEY_BYTES], char ret[KEY_WORDS][KEY_WORD_SIZE]);

enum key_words_fault {
    KEY_WORDS_GOOD,
    KEY_WORDS_COUNT,   /* first: how many words there are */
    KEY_WORDS_WORD,    /* first: a word that cannot be one of these, or not in this place */
    KEY_WORDS_SWAPPED, /* first and second have each other's place */
    KEY_WORDS_MOVED,   /* first belongs to the place of second */
    KEY_WORDS_WHOLE,   /* each could be, but they are not of one key */
};

struct key_words_verdict {
    enum key_words_fault fault;
    size_t first, second; /* from 1 on */
};

/*
 * Reads the words in any case, with or without accents, parted by anything that is no letter:
 * numbers before them do no harm. ret is untouched unless they are good. Owns: the caller wipes
 * text and ret.
 */
struct key_words_verdict key_words_read(const char *text, uint8_t ret[SECRET_KEY_BYTES]);

#endif
