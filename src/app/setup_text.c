/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/setup_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a value stands, or may stand. Offsets into the text. */
struct place {
    const char *section, *key;
    bool has_section;
    size_t inside, section_end; /* between the braces of the section; of "root" before the first */
    bool has_value;
    size_t begin, end; /* behind "=", to the end of the value */
    char value[CONFIG_WORD_MAX];
};

struct walk {
    struct config_lexer lexer;
    const char *text;
    bool is_inside; /* some section's braces */
    bool is_wanted; /* in the section of the place */
    struct place *place;
};

static size_t walk_offset(const struct walk *walk)
{
    return (size_t)(walk->lexer.at - walk->text);
}

static bool is_end(enum config_token token)
{
    return token == CONFIG_END || token == CONFIG_BAD;
}

/* Behind "="; the items of a list are stepped over: no key that is set up has one. */
static bool walk_value(struct walk *walk, bool is_key)
{
    struct place *place = walk->place;
    size_t begin = walk_offset(walk);
    enum config_token token = config_lex_next(&walk->lexer);
    bool is_list = token == CONFIG_OPEN;
    if (!is_list && token != CONFIG_WORD && token != CONFIG_QUOTED)
        return false;
    if (is_key && !is_list) {
        (void)snprintf(place->value, CONFIG_WORD_MAX, "%s", config_lex_text(&walk->lexer));
        place->has_value = true;
        place->begin = begin;
        place->end = walk_offset(walk);
    }
    while (is_list && token != CONFIG_CLOSE && !is_end(token))
        token = config_lex_next(&walk->lexer);
    return !is_end(token);
}

/* Behind the word that a section begins with, or its "{". */
static bool walk_section(struct walk *walk, bool is_named_so, size_t before,
                         enum config_token token)
{
    struct place *place = walk->place;
    bool is_root = strcmp(place->section, "root") == 0;
    while (token != CONFIG_OPEN && !is_end(token))
        token = config_lex_next(&walk->lexer);
    walk->is_inside = true;
    walk->is_wanted = is_named_so && !place->has_section;
    if ((is_named_so || is_root) && !place->has_section) {
        place->inside = is_root ? 0 : walk_offset(walk);
        place->section_end = before;
        place->has_section = true;
    }
    return !is_end(token);
}

/* A name, and what follows it. before: where it begins. */
static bool walk_name(struct walk *walk, size_t before)
{
    const char *name = config_lex_text(&walk->lexer);
    bool is_key = walk->is_wanted && strcmp(name, walk->place->key) == 0;
    bool is_named_so = strcmp(name, walk->place->section) == 0;
    enum config_token token = config_lex_next(&walk->lexer);
    if (token == CONFIG_EQUALS)
        return walk_value(walk, is_key);
    return !walk->is_inside && walk_section(walk, is_named_so, before, token);
}

static void close_section(struct walk *walk)
{
    bool is_root = strcmp(walk->place->section, "root") == 0;
    if (walk->is_wanted)
        walk->place->section_end = walk_offset(walk) - 1;
    walk->is_inside = false;
    walk->is_wanted = is_root;
}

/* False: the text is not written as a configuration is. */
static bool find_place(const char *text, struct place *place)
{
    struct walk walk = {.text = text, .place = place};
    enum config_token token = CONFIG_OPEN;
    bool is_good = true;
    walk.is_wanted = strcmp(place->section, "root") == 0;
    config_lex_init(&walk.lexer, text);
    while (is_good) {
        token = config_lex_next(&walk.lexer);
        if (token == CONFIG_WORD)
            is_good = walk_name(&walk, walk_offset(&walk) - strlen(config_lex_text(&walk.lexer)));
        else if (token == CONFIG_CLOSE && walk.is_inside)
            close_section(&walk);
        else
            break;
    }
    return is_good && token == CONFIG_END && !walk.is_inside;
}

bool setup_text_get(const char *text, const char *section, const char *key,
                    char ret[CONFIG_WORD_MAX])
{
    struct place place = {.section = section, .key = key};
    if (!find_place(text, &place))
        return false;
    memcpy(ret, place.value, sizeof(place.value));
    return true;
}

bool setup_text_has(const char *text, const char *section)
{
    struct place place = {.section = section, .key = ""};
    return find_place(text, &place) && place.has_section;
}

/* The line "#key = …" between two offsets, from its # to its end; false = there is none. */
static bool find_comment(const char *text, const char *key, size_t from, size_t to,
                         size_t *ret_begin, size_t *ret_end)
{
    size_t len = strlen(key);
    while (from < to) {
        const char *line = text + from;
        size_t blanks = strspn(line, " \t"), line_len = strcspn(line, "\n");
        const char *at = line + blanks;
        if (at[0] == '#' && strncmp(at + 1, key, len) == 0 &&
            strncmp(at + 1 + len, " = ", 3) == 0) {
            *ret_begin = from + blanks;
            *ret_end = from + line_len;
            return true;
        }
        from += line_len + 1;
    }
    return false;
}

/* In double quotes, where a sign with a meaning stands behind a backslash. */
static void write_quoted(const char *value, FILE *out)
{
    (void)fputc('"', out);
    for (; *value != '\0'; value++) {
        if (strchr("\"\\$", *value) != NULL)
            (void)fputc('\\', out);
        (void)fputc(*value, out);
    }
    (void)fputc('"', out);
}

/* Replaces the bytes of the text from begin to end. */
static char *splice_value(const char *text, size_t begin, size_t end, const char *before,
                          const struct place *place, const char *value, const char *after)
{
    char *result = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&result, &len);
    if (out == NULL)
        abort();
    (void)fwrite(text, 1, begin, out);
    (void)fputs(before, out);
    if (!place->has_value)
        (void)fprintf(out, "%s =", place->key);
    (void)fputc(' ', out);
    write_quoted(value, out);
    (void)fputs(after, out);
    (void)fputs(text + end, out);
    if (fclose(out) != 0)
        abort();
    return result;
}

char *setup_text_put(const char *text, const char *section, const char *key, const char *value)
{
    struct place place = {.section = section, .key = key};
    size_t begin = 0, end = 0, whole = strlen(text);
    bool is_root = strcmp(section, "root") == 0;
    if (!find_place(text, &place))
        return NULL;
    if (place.has_value)
        return splice_value(text, place.begin, place.end, "", &place, value, "");
    size_t to = is_root && !place.has_section ? whole : place.section_end;
    if (find_comment(text, key, place.inside, to, &begin, &end))
        return splice_value(text, begin, end, "", &place, value, "");
    if (is_root)
        return splice_value(text, whole, whole, whole > 0 && text[whole - 1] != '\n' ? "\n" : "",
                            &place, value, "\n");
    if (place.has_section)
        return splice_value(text, place.inside, place.inside, "\n    ", &place, value, "\n");
    return splice_value(text, whole, whole, "\nmodem principal {\n    ", &place, value, "\n}\n");
}
