/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/list.h"

#include <string.h>

bool list_take(const char **rest, const char **ret_word, size_t *ret_len)
{
    const char *word = *rest;
    size_t len = strcspn(word, ", ");
    const char *end = word + len + strspn(word + len, " ");
    bool has_more = *end == ',';
    *ret_word = word;
    *ret_len = len;
    *rest = has_more ? end + 1 + strspn(end + 1, " ") : end;
    return len > 0 && (has_more ? **rest != '\0' : *end == '\0');
}
