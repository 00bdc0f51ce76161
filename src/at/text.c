/* SPDX-License-Identifier: EUPL-1.2 */
#include "at/text.h"

#include <string.h>

enum {
    WAIT_US = 2000 * 1000,
    LINES_MAX = 16, /* a USSD answer has 182 characters at most */
};

bool at_text_is_open(const struct at_text *text)
{
    return text->end_us != 0;
}

/* The last quote with the coding behind it: the end also of a text that has quotes in it. */
static bool has_end(const char *line)
{
    const char *quote = strrchr(line, '"');
    return quote != NULL && quote[1] == ',' && quote[2] != '\0' &&
           quote[2 + strspn(quote + 2, "0123456789 ")] == '\0';
}

static void read_quotes(struct at_text *text, const char *line)
{
    for (const char *at = line; *at != '\0'; at++)
        text->has_odd_quotes ^= *at == '"';
    if (!text->has_odd_quotes || has_end(line))
        at_text_end(text);
}

void at_text_begin(struct at_text *text, const char *line, int64_t now_us)
{
    *text = (struct at_text){.end_us = now_us + WAIT_US};
    read_quotes(text, line);
}

bool at_text_add(struct at_text *text, const char *line)
{
    if (++text->lines > LINES_MAX) {
        at_text_end(text);
        return false;
    }
    read_quotes(text, line);
    return true;
}

void at_text_end(struct at_text *text)
{
    text->end_us = 0;
}

void at_text_expire(struct at_text *text, int64_t now_us)
{
    if (now_us > text->end_us)
        at_text_end(text);
}
