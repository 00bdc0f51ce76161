/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The sentences of problems in the five languages: the catalogues web/problems, as the build makes
 * them into tables. Pure.
 */
#ifndef CC_HTTP_PROBLEM_WORDS_H
#define CC_HTTP_PROBLEM_WORDS_H

#include "base/err.h"
#include "domain/text.h"

/* Parts of a detail; in braces what template_fill() puts in. */
enum problem_phrase {
    PHRASE_FIELD, /* {campo}, as the seven behind it */
    PHRASE_FIELD_UNKNOWN,
    PHRASE_FIELD_MISSING,
    PHRASE_FIELD_TYPE,
    PHRASE_FIELD_INTEGER,
    PHRASE_FIELD_BOOLEAN,
    PHRASE_FIELD_LENGTH,
    PHRASE_FIELD_TWICE,
    PHRASE_METHODS,         /* {metodos} */
    PHRASE_WAIT,            /* {segundos} */
    PHRASE_REGISTERED_CALL, /* {telefono} */
    PHRASE_REGISTERED_ASK,
    PHRASE_WAY_CLOSED, /* {vias}: those below, with PHRASE_OR between two */
    PHRASE_NO_WAY,
    PHRASE_OR,
    PHRASE_IN_PERSON,
    PHRASE_BY_FORM,
    PHRASE_BY_CERTIFICATE,
    PHRASE_BY_IDENTITY,
    PHRASE_METHOD_CLOSED, /* {medios}: the names of those that are admitted */
    PHRASE_PIN24H,        /* the methods, each with its explanation behind its name */
    PHRASE_PIN24H_HOW,
    PHRASE_PASSWORD_SMS,
    PHRASE_PASSWORD_SMS_HOW,
    PHRASE_PASSWORD,
    PHRASE_PASSWORD_HOW,
    PHRASE_TOWN_KEY,
    PHRASE_TOWN_KEY_HOW,
    PHRASE_CERTIFICATE,
    PHRASE_CERTIFICATE_HOW,
    PHRASE_ASSERTED,
    PHRASE_ASSERTED_HOW,
    PHRASE_METHOD_LAST,      /* {fecha} */
    PHRASE_METHOD_LAST_THEN, /* {fecha} and {medios} */
    PHRASE_DATE,             /* {dia}, {mes}, {anyo} */
    PHRASE_RULE_LENGTH,      /* of a password: this and the next two */
    PHRASE_RULE_COMMON,
    PHRASE_RULE_OWN,
    PROBLEM_PHRASES
};

/* The sentence of an error; in Spanish that of err_text(). */
const char *problem_title(enum text_lang lang, enum cc_err err);
const char *problem_phrase(enum text_lang lang, enum problem_phrase phrase);

#endif
