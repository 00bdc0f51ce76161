/* SPDX-License-Identifier: EUPL-1.2 */
/* The words of the mails of domain/mail.h, in the five languages. Pure. */
#ifndef CC_DOMAIN_MAIL_TEXT_H
#define CC_DOMAIN_MAIL_TEXT_H

#include "base/buf.h"
#include "domain/mail.h"
#include "domain/text.h"

struct mail_values {
    const char *entity; /* the town's name */
    const char *value;  /* link or clave; "" where the kind has none */
};

void mail_write_subject(enum text_lang lang, enum mail_kind kind, const struct mail_values *values,
                        struct buf *out);
/* Paragraphs with an empty line between them; the link is one of its own. */
void mail_write_words(enum text_lang lang, enum mail_kind kind, const struct mail_values *values,
                      struct buf *out);

#endif
