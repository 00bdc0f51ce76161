/* SPDX-License-Identifier: EUPL-1.2 */
/* Body of a request while it comes in: kept up to a limit, wiped in the end. */
#ifndef CC_HTTP_BODY_H
#define CC_HTTP_BODY_H

#include "base/err.h"

#include <stddef.h>

/* Start it at 0. */
struct body {
    char *bytes; /* NULL until the first are kept */
    size_t len;
    size_t cap;      /* most bytes that are kept; set it before body_keep() */
    size_t received; /* those that came in, also what was dropped */
};

/* Adds bytes to the body. Errors: CC_ERR_BODY_TOO_LARGE beyond the limit, CC_ERR_MEMORY. */
enum cc_err body_keep(struct body *body, const char *data, size_t len) CC_MUST_CHECK;
void body_done(struct body *body);

#endif
