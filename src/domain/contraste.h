/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The contrast datum of DOMAIN 5: what the owner of a NIF can read from his document and a stranger
 * who knows the NIF cannot. DNI and K, L, M: a date, of validity, or of issue where the document is
 * permanent. NIE: the support number. Legal persons have none. Pure.
 */
#ifndef CC_DOMAIN_CONTRASTE_H
#define CC_DOMAIN_CONTRASTE_H

#include "base/err.h"
#include "domain/nif.h"

#include <stdbool.h>
#include <stddef.h>

enum { CONTRASTE_SIZE = 16 }; /* room for both forms; zeros up to the end, compared as a whole */

struct contraste {
    char text[CONTRASTE_SIZE]; /* "2031-04-09", "E12345678"; "" = none */
};

/*
 * Reads the datum as people write it: 9/4/2031, 09-04-2031, 09 04 2031 or 2031-04-09; e 12345678,
 * or E123456, which is E00123456.
 * The form depends on the kind of NIF alone. Errors: CC_ERR_CONTRAST_DATE, CC_ERR_CONTRAST_SUPPORT,
 * CC_ERR_CONTRAST_NONE (a legal person).
 */
enum cc_err contraste_parse(const char *text, size_t len, enum nif_kind kind,
                            struct contraste *ret) CC_MUST_CHECK;

#endif
