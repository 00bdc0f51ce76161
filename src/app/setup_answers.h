/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The questions of contraclavectl instala: each is answered by an option, at the terminal, by what
 * the configuration has already or by its default, in that order, and checked as the configuration
 * checks it.
 */
#ifndef CC_APP_SETUP_ANSWERS_H
#define CC_APP_SETUP_ANSWERS_H

#include <jansson.h>
#include <stdbool.h>

enum setup_answer {
    SETUP_ENTITY,
    SETUP_SMS_NAME,
    SETUP_ZONE,
    SETUP_DOMAIN,
    SETUP_DEVICE,
    SETUP_PIN,
    SETUP_NUMBER, /* of the test SMS; "" = none is sent */
    SETUP_CLIENT, /* name of the sede's client; "" = none is made */
    SETUP_ANSWERS
};

enum { SETUP_ANSWER_SIZE = 256 };

struct setup_answers {
    char text[SETUP_ANSWERS][SETUP_ANSWER_SIZE];
};

/* The key of the configuration that the answer is written to; false = it is none of a key. */
bool setup_answer_key(enum setup_answer answer, const char **ret_section, const char **ret_key);
/* Whether the configuration means the same without this value. */
bool setup_answer_is_default(enum setup_answer answer, const char *value);
/*
 * conf_text: of the configuration as it is. given: the options, by the names of request members;
 * "cambia" = an option may replace what the configuration has. The exit code: 0, 64 (an answer is
 * missing), 65 (one is wrong), 73 (one would replace another), 78 (the configuration cannot be
 * read), with a sentence that names the option. Owns: the caller wipes ret.
 */
int setup_answers_ask(const char *conf_text, const json_t *given, struct setup_answers *ret);

#endif
