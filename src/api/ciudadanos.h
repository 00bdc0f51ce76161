/* SPDX-License-Identifier: EUPL-1.2 */
/* The answer of the resources that are about one registered person. */
#ifndef CC_API_CIUDADANOS_H
#define CC_API_CIUDADANOS_H

#include "http/exchange.h"

/* Appends the person's file as it is now: NIF and phone masked. Errors: CC_ERR_NOT_FOUND,
 * CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err ciudadanos_put(struct exchange *x, const struct nif *nif,
                           struct buf *out) CC_MUST_CHECK;
/* Returns err; of a conflict, the field that it is about is named. */
enum cc_err ciudadanos_blame(struct exchange *x, enum cc_err err);

#endif
