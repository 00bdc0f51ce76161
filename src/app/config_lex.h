/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The words of a configuration file, with their lines. Blanks and comments (# and // to the end of
 * the line, slash-star to star-slash) stand between words. A value may be quoted: '…' as it is, or
 * "…" with ${NAME} for a variable of the environment and \ before a sign that is meant as itself.
 */
#ifndef CC_APP_CONFIG_LEX_H
#define CC_APP_CONFIG_LEX_H

#include "base/buf.h"

enum config_token {
    CONFIG_END = 0,
    CONFIG_WORD = 'a',
    CONFIG_QUOTED = '"',
    CONFIG_OPEN = '{',
    CONFIG_CLOSE = '}',
    CONFIG_EQUALS = '=',
    CONFIG_COMMA = ',',
    CONFIG_STRAY = '+', /* a sign that belongs nowhere */
    CONFIG_BAD = '?',   /* see config_lexer.wrong */
};

enum { CONFIG_WORD_MAX = 2048 };

struct config_lexer {
    const char *at; /* in the text, which ends with a NUL */
    int line;       /* of the last token; where a comment or a quote is not closed, its beginning */
    struct buf word;
    const char *wrong; /* after CONFIG_BAD: the sentence, Spanish */
    char storage[CONFIG_WORD_MAX];
};

/* text: UTF-8 without control characters other than tab, CR, LF; stays the caller's. */
void config_lex_init(struct config_lexer *lexer, const char *text);
/* The next token; its text is in config_lex_text() until the next call. */
enum config_token config_lex_next(struct config_lexer *lexer);
const char *config_lex_text(struct config_lexer *lexer);

#endif
