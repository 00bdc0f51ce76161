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
/* How many bytes of a body are received at most, kept or dropped. */
size_t gate_received_max(const struct exchange *x);
/* Whether a request that is refused is answered before its body is here. */
bool gate_refuses_unread(const struct exchange *x);
/* Errors: CC_ERR_HEADER_FORMAT and those of framing_check(). */
enum cc_err gate_check_framing(const struct exchange *x, const char *method,
                               const char *version) CC_MUST_CHECK;

#endif
