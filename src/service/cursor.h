/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cursors of pages whose first one is audited: where the next page begins, with a tag of the
 * question and of who asks. Nobody makes one up, so that no page is read without that entry.
 */
#ifndef CC_SERVICE_CURSOR_H
#define CC_SERVICE_CURSOR_H

#include "base/buf.h"
#include "service/service.h"

/* Number of a row, a dot, and the tag in hexadecimal. */
enum { CURSOR_SIZE = 24 + 2 * SECRET_TAG_BYTES };

/* question: what the next page must be asked with. at > 0. */
void cursor_write(const struct service *service, const struct buf *question, int64_t at,
                  char ret[CURSOR_SIZE]);
/* Errors: CC_ERR_RANGE: it is none of this question. */
enum cc_err cursor_read(const struct service *service, const struct buf *question,
                        const char *cursor, int64_t *ret_at) CC_MUST_CHECK;

#endif
