/* SPDX-License-Identifier: EUPL-1.2 */
/* Chooses the language of the pages for a browser. Pure. */
#ifndef CC_HTTP_LANGUAGE_H
#define CC_HTTP_LANGUAGE_H

#include <stddef.h>

/*
 * The language of a tag ("eu", "ca-ES", in any case), or NULL when the pages are not in it.
 * Source: RFC 5646 2.1, the primary subtag.
 */
const char *language_of_tag(const char *tag, size_t len);

/*
 * The language that Accept-Language prefers; "es" when the header is absent or names none of ours.
 * Source: RFC 9110 12.5.4.
 */
const char *language_of_header(const char *accept_language);

#endif
