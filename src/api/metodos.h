/* SPDX-License-Identifier: EUPL-1.2 */
/* The methods of entering, for the resources of one of them. */
#ifndef CC_API_METODOS_H
#define CC_API_METODOS_H

#include "domain/method.h"
#include "http/exchange.h"

/* Whether the town admits this method now. Errors: CC_ERR_METHOD_CLOSED, naming those it admits. */
enum cc_err metodos_admit(struct exchange *x, enum method method) CC_MUST_CHECK;

#endif
