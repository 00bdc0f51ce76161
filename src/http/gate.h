/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Checks of a request before its body is read, in this order: open at all, path, method, caller,
 * scope, rate, content type, size, Idempotency-Key.
 */
#ifndef CC_HTTP_GATE_H
#define CC_HTTP_GATE_H

#include "http/exchange.h"

/* Fills route, caller, key and body_cap of x; on an error also x->problem. */
enum cc_err gate_check(struct exchange *x, const char *path, const char *method) CC_MUST_CHECK;
/* Whether the route has a JSON body. */
bool gate_takes_body(const struct exchange *x);
/* The declared length of the body; 0 when it comes in chunks or there is none. */
unsigned long long gate_length(const struct exchange *x);

#endif
