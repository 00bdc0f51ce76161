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

/* ---- for any mail: text that is not ASCII, and the date ---------------------------------------
 */
/* As encoded words (RFC 2047): no character is split between two, and nothing ends a header. */
void mime_put_encoded(struct buf *out, const char *text);
/* As quoted-printable (RFC 2045 6.7); a line feed becomes the end of a line. */
void mime_put_quoted(struct buf *out, const char *text);
/* The header, without its end. The program's locale is "C": the names of days and months are those
 * of RFC 5322. */
void mime_put_date(int64_t at_ms, struct buf *out);

#endif
