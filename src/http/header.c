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

/* A character of a token68, RFC 9110 section 11.2, but the "=" at its end. */
static bool is_token68(char c)
{
    char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~' || c == '+' || c == '/';
}

bool header_bearer(const char *value, const char **ret_token, size_t *ret_len)
{
    if (value == NULL || !skip_word(&value, "Bearer") || skip_space(&value) == 0)
        return false;
    size_t len = 0;
    while (is_token68(value[len])) /* strspn() makes a table of so many first */
        len++;
    while (value[len] == '=')
        len++;
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

/* ---- lists ------------------------------------------------------------------------------------*/

enum { QUALITY_FULL = 1000 };

/* Finds the text after the parameter "q=" of an item, or NULL. */
static const char *find_quality(const char *text, size_t len)
{
    const char *end = text + len;
    for (const char *at = memchr(text, ';', len); at != NULL;
         at = memchr(at, ';', (size_t)(end - at))) {
        at += 1 + strspn(at + 1, " \t");
        if (end - at > 2 && strncasecmp(at, "q=", 2) == 0)
            return at + 2;
        if (at >= end)
            break;
    }
    return NULL;
}

/* "0.85" is 850. The text ends where the header does, with a NUL at the latest. */
static unsigned read_quality(const char *text, size_t len)
{
    const char *at = find_quality(text, len);
    if (at == NULL || *at != '0')
        return QUALITY_FULL;
    unsigned quality = 0;
    at += at[1] == '.' ? 2 : 1;
    for (unsigned place = QUALITY_FULL / 10; place > 0 && *at >= '0' && *at <= '9'; place /= 10)
        quality += (unsigned)(*at++ - '0') * place;
    return quality;
}

bool header_next_item(const char **rest, struct header_item *ret)
{
    if (*rest == NULL)
        return false;
    const char *text = *rest + strspn(*rest, ", \t");
    size_t whole = strcspn(text, ","), len = strcspn(text, ",; \t");
    *rest = text + whole;
    if (len == 0)
        return false;
    *ret = (struct header_item){text, len, read_quality(text, whole)};
    return true;
}

static bool is_item(const struct header_item *item, const char *text)
{
    return item->len == strlen(text) && strncasecmp(item->text, text, item->len) == 0;
}

bool header_takes_gzip(const char *accept_encoding)
{
    struct header_item item;
    bool takes = false;
    while (header_next_item(&accept_encoding, &item)) {
        if (is_item(&item, "gzip"))
            return item.quality > 0;
        if (is_item(&item, "*"))
            takes = item.quality > 0;
    }
    return takes;
}

static bool has_tag(const char *list, const char *tag, bool takes_weak)
{
    struct header_item item;
    while (header_next_item(&list, &item)) {
        if (takes_weak && item.len > 2 && strncmp(item.text, "W/", 2) == 0) {
            item.text += 2;
            item.len -= 2;
        }
        if (is_item(&item, tag) || is_item(&item, "*"))
            return true;
    }
    return false;
}

bool header_has_tag(const char *if_none_match, const char *tag)
{
    return has_tag(if_none_match, tag, true);
}

bool header_matches(const char *if_match, const char *tag)
{
    return has_tag(if_match, tag, false);
}

bool header_find_cookie(const char *cookie, const char *name, const char **ret, size_t *ret_len)
{
    size_t name_len = strlen(name);
    while (cookie != NULL && *cookie != '\0') {
        cookie += strspn(cookie, "; \t");
        if (strncmp(cookie, name, name_len) == 0 && cookie[name_len] == '=') {
            *ret = cookie + name_len + 1;
            *ret_len = strcspn(*ret, ";");
            return true;
        }
        cookie = strchr(cookie, ';');
    }
    return false;
}

bool header_cookie(const char *value, const char *name, const char **ret_text, size_t *ret_len)
{
    const char *found, *again;
    size_t len = 0, again_len;
    if (!header_find_cookie(value, name, &found, &len) ||
        header_find_cookie(found + len, name, &again, &again_len))
        return false;
    len = strcspn(found, "; \t");
    if (len == 0 || len > TOKEN_MAX || strspn(found, ALNUM "-_") != len)
        return false;
    *ret_text = found;
    *ret_len = len;
    return true;
}

bool header_is_same_origin(const char *origin, const char *host, bool is_secure)
{
    if (origin == NULL || host == NULL || *host == '\0')
        return false;
    if (!skip_word(&origin, "https://") && (is_secure || !skip_word(&origin, "http://")))
        return false;
    return strcasecmp(origin, host) == 0;
}

bool header_is_loopback(const char *host)
{
    if (host == NULL)
        return false;
    size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    bool is_v4 = strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
    bool is_v6 = strncmp(host, "[::1]", len) == 0 && (host[len] == '\0' || host[len] == ':');
    bool is_name = len == strlen("localhost") && strncasecmp(host, "localhost", len) == 0;
    return is_v4 || is_name || (len == strlen("[::1]") && is_v6);
}

bool header_is_https(const char *forwarded_proto)
{
    const char *comma = forwarded_proto != NULL ? strrchr(forwarded_proto, ',') : NULL;
    const char *last = comma != NULL ? comma + 1 : forwarded_proto;
    if (last == NULL)
        return false;
    skip_space(&last);
    return strcasecmp(last, "https") == 0;
}
