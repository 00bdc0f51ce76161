/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/language.h"

#include "http/header.h"

#include <strings.h>

enum { PRIMARY_LEN = 2 };

enum text_lang language_of_tag(const char *tag, size_t len)
{
    if (len < PRIMARY_LEN || (len > PRIMARY_LEN && tag[PRIMARY_LEN] != '-'))
        return TEXT_LANG_COUNT;
    enum text_lang lang = TEXT_LANG_ES;
    while (lang < TEXT_LANG_COUNT && strncasecmp(tag, text_lang_token(lang), PRIMARY_LEN) != 0)
        lang++;
    return lang;
}

enum text_lang language_of_header(const char *accept_language)
{
    struct header_item item;
    enum text_lang best = TEXT_LANG_ES;
    const char *rest = accept_language;
    unsigned best_quality = 0;
    while (header_next_item(&rest, &item)) {
        enum text_lang lang = language_of_tag(item.text, item.len);
        if (lang != TEXT_LANG_COUNT && item.quality > best_quality) {
            best = lang;
            best_quality = item.quality;
        }
    }
    return best;
}
