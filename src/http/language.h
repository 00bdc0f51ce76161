/* SPDX-License-Identifier: EUPL-1.2 */
/* Chooses the language of the pages for a browser. Pure. */
#ifndef CC_HTTP_LANGUAGE_H
#define CC_HTTP_LANGUAGE_H

#include "domain/text.h"

/* The language of a tag ("eu", "ca-ES", in any case); TEXT_LANG_COUNT = none of ours. Source: RFC
 * 5646 2.1, the primary subtag. */
enum text_lang language_of_tag(const char *tag, size_t len);
/* The language that Accept-Language prefers; TEXT_LANG_ES when the header is absent or names none
 * of ours. Source: RFC 9110 12.5.4. */
enum text_lang language_of_header(const char *accept_language);

#endif
