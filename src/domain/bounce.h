/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A mail that came back: a delivery status report (RFC 3464), or the plain text of Exim with its
 * X-Failed-Recipients. What it tells is what anybody may have written, so that the reader holds it
 * to a row of store/mails.h, by a Message-ID that only the row and its recipient know. Pure.
 */
#ifndef CC_DOMAIN_BOUNCE_H
#define CC_DOMAIN_BOUNCE_H

#include "domain/email.h"

#include <stdbool.h>
#include <stdint.h>

enum { BOUNCE_ID_BYTES = 16, BOUNCE_RECIPIENTS = 4 };

struct bounce {
    uint8_t id[BOUNCE_ID_BYTES];                /* of the mail that came back */
    struct email recipients[BOUNCE_RECIPIENTS]; /* the dead ones, as far as they fit */
    size_t count;
};

/*
 * Whether it is one that tells of an address which does not exist (mail_judge() holds for its
 * status) and returns the Message-ID of a mail of service/mail_form.h. *ret is whole then.
 */
bool bounce_read(const char *text, size_t len, struct bounce *ret);
bool bounce_names(const struct bounce *bounce, const struct email *address);

#endif
