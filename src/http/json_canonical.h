/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The one form of a JSON object that a signature covers (RFC 8785, JCS): members in order, no
 * blanks, each text and number in one way. Objects of ours alone: keys in ASCII, no fractions, few
 * levels. Pure.
 */
#ifndef CC_HTTP_JSON_CANONICAL_H
#define CC_HTTP_JSON_CANONICAL_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the object in text in its canonical form, without the members of `without` (NULL = with
 * all; else ended by NULL) at its top. Errors: CC_ERR_JSON_SYNTAX (also of what no document of ours
 * has), CC_ERR_JSON_UTF8, CC_ERR_JSON_DUPLICATE, CC_ERR_NO_SPACE, CC_ERR_MEMORY.
 */
enum cc_err json_canonical(const char *text, size_t len, const char *const *without,
                           struct buf *out) CC_MUST_CHECK;

#endif
