/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A whole mail of domain/mail.h (RFC 5322): plain text and plain HTML of the same words, told to be
 * automatic (RFC 3834). It is the same at each try: its date and Message-ID are those of its row.
 * Pure but for the zone of the process.
 */
#ifndef CC_SERVICE_MAIL_FORM_H
#define CC_SERVICE_MAIL_FORM_H

#include "base/buf.h"
#include "domain/mail_text.h"

#include <stdint.h>

enum { MAIL_FORM_SIZE = 12 * 1024, MAIL_WORDS_SIZE = 1536 };

struct mail_form {
    enum mail_kind kind;
    enum text_lang lang;
    const char *from, *to; /* one address each, as email_parse() or the configuration took it */
    const char *id;        /* letters and digits, for the Message-ID and the boundary */
    int64_t at_ms;
    struct mail_values values;
};

/* Appends what fits: see buf_ok(). */
void mail_form_write(const struct mail_form *form, struct buf *out);

#endif
