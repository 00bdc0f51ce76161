/* SPDX-License-Identifier: EUPL-1.2 */
/* The answer of the resources that are about one registered person. */
#ifndef CC_API_CIUDADANOS_H
#define CC_API_CIUDADANOS_H

#include "domain/name.h"
#include "http/exchange.h"

/* Appends the person's file as it is now: NIF and phone masked. Errors: CC_ERR_NOT_FOUND,
 * CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err ciudadanos_put(struct exchange *x, const struct nif *nif,
                           struct buf *out) CC_MUST_CHECK;
/* Appends the members nombre, apellido1 and apellido2, "" where there is none. */
void ciudadanos_put_name(struct buf *out, const struct person_name *name);
/* Returns err; of a conflict, the field that it is about is named. */
enum cc_err ciudadanos_blame(struct exchange *x, enum cc_err err);

#endif
