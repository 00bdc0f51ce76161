/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/redact.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { DIGITS_MIN = 7 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The end of the number that begins here; *ret_digits: how many it has. */
static char *find_end(char *number, size_t *ret_digits)
{
    char *end = number;
    *ret_digits = 0;
    while (is_digit(*end) || (*end == ' ' && is_digit(end[1]))) {
        *ret_digits += is_digit(*end);
        end++;
    }
    return end;
}

static void redact_numbers(char *text)
{
    for (char *at = text; *at != '\0';) {
        size_t digits = 0;
        char *end = is_digit(*at) ? find_end(at, &digits) : at + 1;
        for (char *c = at; digits >= DIGITS_MIN && c < end; c++)
            if (is_digit(*c))
                *c = '*';
        at = end;
    }
}

static void redact_mailboxes(char *text)
{
    static const char around[] = " \t\r\n\"'<>(),;:=@";
    for (char *at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@'))
        for (char *c = at; c > text && strchr(around, c[-1]) == NULL; c--)
            c[-1] = '*';
}

void redact_text(char *text)
{
    redact_numbers(text);
    redact_mailboxes(text);
}
