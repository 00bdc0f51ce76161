/* SPDX-License-Identifier: EUPL-1.2 */
/* How a mail writes text that is not ASCII, and its date. Pure but for the zone of the process. */
#ifndef CC_SERVICE_MIME_H
#define CC_SERVICE_MIME_H

#include "base/buf.h"

#include <stdint.h>

/* As encoded words (RFC 2047): no character is split between two, and nothing ends a header. */
void mime_put_encoded(struct buf *out, const char *text);
/* As quoted-printable (RFC 2045 6.7); a line feed becomes the end of a line. */
void mime_put_quoted(struct buf *out, const char *text);
/* The header, without its end. The program's locale is "C": the names of days and months are those
 * of RFC 5322. */
void mime_put_date(int64_t at_ms, struct buf *out);

#endif
