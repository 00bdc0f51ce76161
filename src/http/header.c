/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/header.h"

#include <string.h>
#include <strings.h>

enum { TOKEN_MAX = 128, KEY_MAX = 128 };

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Moves *text behind word, in any case; false leaves it. */
static bool skip_word(const char **text, const char *word)
{
    size_t len = strlen(word);
    if (strncasecmp(*text, word, len) != 0)
        return false;
    *text += len;
    return true;
}

static size_t skip_space(const char **text)
{
    size_t len = strspn(*text, " \t");
    *text += len;
    return len;
}

bool header_bearer(const char *value, const char **ret_token, size_t *ret_len)
{
    if (value == NULL || !skip_word(&value, "Bearer") || skip_space(&value) == 0)
        return false;
    size_t len = strspn(value, ALNUM "-._~+/");
    len += strspn(value + len, "=");
    const char *rest = value + len;
    skip_space(&rest);
    if (len == 0 || len > TOKEN_MAX || *rest != '\0')
        return false;
    *ret_token = value;
    *ret_len = len;
    return true;
}

bool header_is_json(const char *value)
{
    if (value == NULL || !skip_word(&value, "application/json"))
        return false;
    skip_space(&value);
    if (skip_word(&value, ";")) {
        skip_space(&value);
        if (!skip_word(&value, "charset=utf-8") && !skip_word(&value, "charset=\"utf-8\""))
            return false;
        skip_space(&value);
    }
    return *value == '\0';
}

bool header_is_key(const char *value)
{
    if (value == NULL)
        return false;
    size_t len = 0;
    while (value[len] > ' ' && value[len] <= '~')
        len++;
    return value[len] == '\0' && len > 0 && len <= KEY_MAX;
}
