/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/problem_words.h"

struct words {
    const char *errors[CC_ERR_COUNT];
    const char *phrases[PROBLEM_PHRASES];
};

#define ERR_TEXT(name, text) .errors[CC_ERR_##name] = text,
#define PHRASE_TEXT(name, text) .phrases[PHRASE_##name] = text,

static const struct words languages[TEXT_LANG_COUNT] = {
    [TEXT_LANG_ES] =
        {
#include "web/problems.es.inc"
        },
    [TEXT_LANG_CA] =
        {
#include "web/problems.ca.inc"
        },
    [TEXT_LANG_EU] =
        {
#include "web/problems.eu.inc"
        },
    [TEXT_LANG_GL] =
        {
#include "web/problems.gl.inc"
        },
    [TEXT_LANG_EN] =
        {
#include "web/problems.en.inc"
        },
};

const char *problem_title(enum text_lang lang, enum cc_err err)
{
    return (unsigned)err < CC_ERR_COUNT ? languages[lang].errors[err] : err_text(err);
}

const char *problem_phrase(enum text_lang lang, enum problem_phrase phrase)
{
    return languages[lang].phrases[phrase];
}
