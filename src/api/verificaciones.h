/* SPDX-License-Identifier: EUPL-1.2 */
/* Fields of an entry with a PIN: a verification, and what a person proves by one. */
#ifndef CC_API_VERIFICACIONES_H
#define CC_API_VERIFICACIONES_H

#include "http/exchange.h"
#include "service/verify.h"

/* Reads what verificaciones_shape has; each error with its `campo`. Wipe ret afterwards. */
enum cc_err verificaciones_parse(struct exchange *x, const struct json_value *in,
                                 struct verify_input *ret, struct address_keys *from) CC_MUST_CHECK;

#endif
