/* SPDX-License-Identifier: EUPL-1.2 */
/* The verdict as a member of the status. */
#ifndef CC_API_VEREDICTO_H
#define CC_API_VEREDICTO_H

#include "base/buf.h"
#include "domain/text.h"
#include "service/verdict.h"

/* Puts the member `veredicto`. */
void veredicto_put(struct buf *out, const struct verdict *verdict, enum text_lang lang);

#endif
