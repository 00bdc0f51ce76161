/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reads and writes single values in the text of a configuration file, so that every other line of
 * it, comments too, stays as a person has written it. Of several modems, the first. Pure.
 */
#ifndef CC_APP_SETUP_TEXT_H
#define CC_APP_SETUP_TEXT_H

#include "app/config_lex.h"

#include <stdbool.h>

/* section: "root" or "modem". False: the file is not written as config_lex.h says. ret "" also
 * where the key is not there. */
bool setup_text_get(const char *text, const char *section, const char *key,
                    char ret[CONFIG_WORD_MAX]);
/* Whether such a section is there. */
bool setup_text_has(const char *text, const char *section);
/*
 * The text with that value: in the place of the one that is there, or of the comment with the
 * key's default, or added to its section. NULL: as above. Owns: the caller, who wipes it.
 */
char *setup_text_put(const char *text, const char *section, const char *key, const char *value);

#endif
