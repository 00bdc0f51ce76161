/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/language.h"

#include "http/header.h"

#include <string.h>
#include <strings.h>

enum { PRIMARY_LEN = 2 };

static const char *const languages[] = {"es", "ca", "eu", "gl", "en"};

const char *language_of_tag(const char *tag, size_t len)
{
    if (len < PRIMARY_LEN || (len > PRIMARY_LEN && tag[PRIMARY_LEN] != '-'))
        return NULL;
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
        if (strncasecmp(tag, languages[i], PRIMARY_LEN) == 0)
            return languages[i];
    return NULL;
}

const char *language_of_header(const char *accept_language)
{
    struct header_item item;
    const char *best = languages[0], *rest = accept_language;
    unsigned best_quality = 0;
    while (header_next_item(&rest, &item)) {
        const char *language = language_of_tag(item.text, item.len);
        if (language != NULL && item.quality > best_quality) {
            best = language;
            best_quality = item.quality;
        }
    }
    return best;
}
