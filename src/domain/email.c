/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/email.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Words of RFC 5322 3.2.3 with single dots between them. */
static bool is_dot_atom(const char *text, size_t len)
{
    if (len == 0 || len > EMAIL_LOCAL_MAX || text[0] == '.' || text[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++) {
        bool is_atom = is_alnum(text[i]) || memchr("!#$%&'*+-/=?^_`{|}~", text[i], 19) != NULL;
        bool is_dot = text[i] == '.' && text[i - 1] != '.';
        if (!is_atom && !is_dot)
            return false;
    }
    return true;
}

static bool is_label(const char *text, size_t len)
{
    if (len == 0 || len > EMAIL_LABEL_MAX || text[0] == '-' || text[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_alnum(text[i]) && text[i] != '-')
            return false;
    return true;
}

/* The last label has a letter: an address of numbers is no domain. */
static bool is_domain(const char *text, size_t len)
{
    const char *end = text + len, *label = text;
    size_t labels = 0;
    bool has_letter = false;
    for (const char *dot; label <= end; label = dot + 1) {
        dot = memchr(label, '.', (size_t)(end - label));
        dot = dot != NULL ? dot : end;
        if (!is_label(label, (size_t)(dot - label)))
            return false;
        has_letter = strspn(label, "0123456789") < (size_t)(dot - label);
        labels++;
    }
    return labels >= 2 && has_letter;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_foreign(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80 || text[i] == '"')
            return true;
    return false;
}

static void lower(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text | 0x20);
}

enum cc_err email_parse(const char *text, size_t len, struct email *ret)
{
    while (len > 0 && is_blank(text[0]))
        text++, len--;
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    if (is_foreign(text, len))
        return CC_ERR_EMAIL_ALPHABET;
    const char *at = len > 0 ? memchr(text, '@', len) : NULL;
    size_t local = at != NULL ? (size_t)(at - text) : 0;
    if (at == NULL || len >= EMAIL_SIZE || !is_dot_atom(text, local) ||
        !is_domain(at + 1, len - local - 1))
        return CC_ERR_EMAIL_FORMAT;
    memset(ret, 0, sizeof(*ret));
    memcpy(ret->text, text, len);
    lower(ret->text + local);
    return CC_OK;
}

void email_mask(const struct email *email, char *ret)
{
    const char *at = strchr(email->text, '@');
    ret[0] = '\0';
    if (at != NULL)
        (void)snprintf(ret, EMAIL_SIZE, "%.1s***%.250s", email->text, at);
}
