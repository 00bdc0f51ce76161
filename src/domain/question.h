/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Plain questions that a person answers in a word, also through a screen reader: made of the words
 * of question_LANG.inc, some hundred thousand different ones in each language. Pure.
 */
#ifndef CC_DOMAIN_QUESTION_H
#define CC_DOMAIN_QUESTION_H

#include "domain/text.h"

#include <stdbool.h>

enum { QUESTION_SEED_BYTES = 16, QUESTION_SIZE = 192, QUESTION_ANSWER_MAX = 64 };

struct question {
    char text[QUESTION_SIZE];
    const char *answer;
    int number; /* the same in figures; -1 = it is none */
};

/* The same seed and language make the same question. */
void question_draw(enum text_lang lang, const uint8_t seed[QUESTION_SEED_BYTES],
                   struct question *ret);
/* Whether a text of len bytes answers it: case, accents, blanks and a full stop do not count. */
bool question_is_answer(const struct question *question, const char *text, size_t len);

#endif
