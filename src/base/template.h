/* SPDX-License-Identifier: EUPL-1.2 */
/* Sentences of the catalogues: texts with {names} that stand for values. Pure. */
#ifndef CC_BASE_TEMPLATE_H
#define CC_BASE_TEMPLATE_H

#include "base/buf.h"

/* Appends the value of the name, which is len bytes long; nothing for a name that it lacks. */
typedef void template_put_fn(const void *user, const char *name, size_t len, struct buf *out);

/* Appends the text, with put() in the place of each {name}; a brace that is not closed ends it. */
void template_fill(const char *text, template_put_fn *put, const void *user, struct buf *out);
bool template_is_name(const char *wanted, const char *name, size_t len);

#endif
