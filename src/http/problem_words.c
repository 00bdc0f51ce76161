/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/problem_words.h"

struct words {
    const char *errors[CC_ERR_COUNT];
    const char *phrases[PROBLEM_PHRASES];
};

#define ERR_TEXT(name, text) .errors[CC_ERR_##name] = text,
#define PHRASE_TEXT(name, text) .phrases[PHRASE_##name] = text,

#define CATALOGUE(lang) <web/problems.lang.inc>
static const struct words languages[TEXT_LANG_COUNT] = {
#include "domain/catalogues.inc"
};

const char *problem_title(enum text_lang lang, enum cc_err err)
{
    return (unsigned)err < CC_ERR_COUNT ? languages[lang].errors[err] : err_text(err);
}

const char *problem_phrase(enum text_lang lang, enum problem_phrase phrase)
{
    return languages[lang].phrases[phrase];
}
