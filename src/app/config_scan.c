/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/config_scan.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

/* Where in the text we are. What is open remembers the line it was opened in. */
enum place { PLAIN, WORD, QUOTED, LINE_COMMENT, BLOCK_COMMENT };

struct scan {
    char *text;
    size_t len, at;
    enum place place;
    char quote;
    int line, opened; /* of the quote or block comment */
    int depth, brace; /* open braces, and the line of the outermost: sections never nest */
};

static bool starts(const struct scan *s, const char *what)
{
    size_t len = strlen(what);
    return s->len - s->at >= len && memcmp(s->text + s->at, what, len) == 0;
}

static void scan_brace(struct scan *s, char c)
{
    s->depth += c == '{' ? 1 : -1;
    if (c == '{' && s->depth == 1)
        s->brace = s->line;
    s->place = PLAIN;
}

/* A comment begins only where a word could: "tcp://x" and "a#b" are words to libConfuse. */
static void scan_word(struct scan *s)
{
    enum place before = s->place;
    s->place = WORD;
    if (before != PLAIN)
        return;
    if (starts(s, "#") || starts(s, "//"))
        s->place = LINE_COMMENT;
    if (starts(s, "/*")) {
        s->place = BLOCK_COMMENT;
        s->opened = s->line;
    }
}

static void scan_plain(struct scan *s)
{
    char c = s->text[s->at];
    if (c == '"' || c == '\'') {
        s->place = QUOTED;
        s->quote = c;
        s->opened = s->line;
    } else if (c == '{' || c == '}') {
        scan_brace(s, c);
    } else if (strchr(" \t\r\n=,()+", c) != NULL) {
        s->place = PLAIN;
    } else {
        scan_word(s);
    }
}

/* Each looks for the end of what is open; returns how many characters are used up. */
static size_t scan_quoted(struct scan *s)
{
    char c = s->text[s->at];
    if (c == '\\' && s->at + 1 < s->len && s->text[s->at + 1] != '\n')
        return 2;
    if (c == s->quote)
        s->place = PLAIN;
    return 1;
}

static size_t scan_comment(struct scan *s)
{
    char c = s->text[s->at];
    if (s->place == LINE_COMMENT && c == '\n')
        s->place = PLAIN;
    if (s->place == BLOCK_COMMENT && starts(s, "*/")) {
        memset(s->text + s->at, ' ', 2);
        s->place = PLAIN;
        return 2;
    }
    return 1;
}

static const char *scan_refuse(const struct scan *s)
{
    char c = s->text[s->at];
    bool is_control = (unsigned char)c < 0x20 || c == 0x7F;
    if (is_control && c != '\t' && c != '\r' && c != '\n')
        return "el fichero tiene caracteres de control; escríbalo como texto en UTF-8";
    if (c == '\n' && s->place == QUOTED)
        return "falta cerrar las comillas en esta línea";
    return NULL;
}

static void scan_step(struct scan *s)
{
    static size_t (*const inside[])(struct scan *) = {
        [QUOTED] = scan_quoted, [LINE_COMMENT] = scan_comment, [BLOCK_COMMENT] = scan_comment};
    char c = s->text[s->at];
    size_t at = s->at, used = 1;
    if (s->place == PLAIN || s->place == WORD)
        scan_plain(s);
    else
        used = inside[s->place](s);
    if ((s->place == LINE_COMMENT || s->place == BLOCK_COMMENT) && c != '\n')
        s->text[at] = ' ';
    s->line += c == '\n';
    s->at += used;
}

/* The line of the first byte that is no UTF-8. */
static int bad_utf8_line(const char *text, size_t len)
{
    int line = 1;
    size_t at = 0;
    int32_t code;
    while ((code = utf8_next(text, len, &at)) >= 0)
        line += code == '\n';
    return line;
}

static const char *scan_end(struct scan *s, int *ret_line)
{
    *ret_line = s->opened;
    if (s->place == QUOTED)
        return "falta cerrar las comillas en esta línea";
    if (s->place == BLOCK_COMMENT)
        return "falta cerrar con */ el comentario que empieza aquí";
    *ret_line = s->brace;
    return s->depth > 0 ? "falta cerrar con } la sección que empieza aquí" : NULL;
}

const char *config_scan(char *text, size_t len, int *ret_line)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* editors of Windows begin UTF-8 files with it */
    struct scan s = {.text = text, .len = len, .place = PLAIN, .line = 1};
    if (starts(&s, mark))
        memset(text, ' ', strlen(mark));
    if (!utf8_is_valid(text, len)) {
        *ret_line = bad_utf8_line(text, len);
        return "el fichero no está en UTF-8 en esta línea; guárdelo como UTF-8";
    }
    while (s.at < s.len) {
        const char *wrong = scan_refuse(&s);
        if (wrong != NULL) {
            *ret_line = s.line;
            return wrong;
        }
        scan_step(&s);
    }
    return scan_end(&s, ret_line);
}
