/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/config_lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\n";
static const char signs[] = "{}=,+()";

void config_lex_init(struct config_lexer *lexer, const char *text)
{
    *lexer = (struct config_lexer){.at = text, .line = 1};
    buf_init(&lexer->word, lexer->storage, sizeof(lexer->storage));
}

const char *config_lex_text(struct config_lexer *lexer)
{
    return buf_cstr(&lexer->word);
}

static enum config_token lex_refuse(struct config_lexer *lexer, const char *wrong)
{
    lexer->wrong = wrong;
    return CONFIG_BAD;
}

/* Goes on to `end`, counting lines. */
static void skip_to(struct config_lexer *lexer, const char *end)
{
    for (; lexer->at < end; lexer->at++)
        lexer->line += *lexer->at == '\n';
}

/* False: a block comment has no end. */
static bool skip_blanks(struct config_lexer *lexer)
{
    for (;;) {
        const char *at = lexer->at, *end = NULL;
        if (*at == '#' || strncmp(at, "//", 2) == 0) {
            end = at + strcspn(at, "\n");
        } else if (strncmp(at, "/*", 2) == 0) {
            end = strstr(at + 2, "*/");
            if (end == NULL)
                return false;
            end += 2;
        } else {
            end = at + strspn(at, blanks);
            if (end == at)
                return true;
        }
        skip_to(lexer, end);
    }
}

/* Appends the variable of a "${NAME}" at `at`; returns the text behind it, NULL = no such form. */
static const char *expand_variable(struct config_lexer *lexer, const char *at)
{
    char name[128];
    const char *end = strncmp(at, "${", 2) == 0 ? strpbrk(at, "}\"\n") : NULL;
    if (end == NULL || *end != '}' || (size_t)(end - at - 2) >= sizeof(name))
        return NULL;
    memcpy(name, at + 2, (size_t)(end - at - 2));
    name[end - at - 2] = '\0';
    const char *value = getenv(name);
    buf_str(&lexer->word, value != NULL ? value : "");
    return end + 1;
}

/* In '…' a backslash counts only before itself and the quote. */
static bool is_escape(const char *at, char quote)
{
    return at[0] == '\\' && at[1] != '\0' && at[1] != '\n' &&
           (quote == '"' || at[1] == '\\' || at[1] == quote);
}

static enum config_token lex_quoted(struct config_lexer *lexer, char quote)
{
    const char *at = lexer->at + 1;
    while (*at != quote) {
        const char *next = quote == '"' ? expand_variable(lexer, at) : NULL;
        if (next == NULL) {
            bool escaped = is_escape(at, quote);
            at += escaped;
            if (*at == '\0' || *at == '\n')
                return lex_refuse(lexer, "falta cerrar las comillas en esta línea");
            if (escaped && isalnum((unsigned char)*at))
                return lex_refuse(lexer, "entre comillas dobles, \\ solo vale delante de un signo; "
                                         "escríbalo entre comillas simples");
            buf_byte(&lexer->word, (uint8_t)*at);
            next = at + 1;
        }
        at = next;
    }
    lexer->at = at + 1;
    return CONFIG_QUOTED;
}

static enum config_token lex_word(struct config_lexer *lexer)
{
    size_t len = strcspn(lexer->at, " \t\r\n\"'{}=,+()");
    buf_put(&lexer->word, lexer->at, len);
    lexer->at += len;
    return CONFIG_WORD;
}

static enum config_token lex_sign(struct config_lexer *lexer)
{
    char sign = *lexer->at++;
    buf_byte(&lexer->word, (uint8_t)sign);
    return sign == '(' || sign == ')' ? CONFIG_STRAY : (enum config_token)sign;
}

enum config_token config_lex_next(struct config_lexer *lexer)
{
    enum config_token token = CONFIG_END;
    buf_init(&lexer->word, lexer->storage, sizeof(lexer->storage));
    if (!skip_blanks(lexer))
        return lex_refuse(lexer, "falta cerrar con */ el comentario que empieza aquí");
    if (*lexer->at == '"' || *lexer->at == '\'')
        token = lex_quoted(lexer, *lexer->at);
    else if (*lexer->at != '\0')
        token = strchr(signs, *lexer->at) != NULL ? lex_sign(lexer) : lex_word(lexer);
    if (config_lex_text(lexer) == NULL)
        return lex_refuse(lexer, "el valor es demasiado largo; acórtelo");
    return token;
}
