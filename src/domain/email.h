/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The address of a person's e-mail: a dot-atom, "@" and a domain of two labels or more, all ASCII
 * (RFC 5321 4.1.2, RFC 1035 2.3.1). Quoted local parts and addresses in other alphabets (RFC 6531)
 * are refused, because many servers on the way refuse them too; a domain with accents is written in
 * its "xn--" form. Nothing that passes can end a header or a command. Pure.
 */
#ifndef CC_DOMAIN_EMAIL_H
#define CC_DOMAIN_EMAIL_H

#include "base/err.h"

#include <stddef.h>

enum { EMAIL_SIZE = 255, EMAIL_LOCAL_MAX = 64, EMAIL_LABEL_MAX = 63 };

struct email {
    char text[EMAIL_SIZE]; /* the domain in lower case; "" = none */
};

/* Blanks around it are dropped. Errors: CC_ERR_EMAIL_FORMAT, CC_ERR_EMAIL_ALPHABET. */
enum cc_err email_parse(const char *text, size_t len, struct email *ret) CC_MUST_CHECK;
/* "a***@example.org", for eyes that need not know it. ret: EMAIL_SIZE. */
void email_mask(const struct email *email, char *ret);

#endif
