/* SPDX-License-Identifier: EUPL-1.2 */
/* Idempotency-Key (DOMAIN 6): a retried POST is given the first one's answer, and does nothing. */
#ifndef CC_HTTP_RETRY_H
#define CC_HTTP_RETRY_H

#include "http/exchange.h"

/*
 * Inside a turn: runs the handler and keeps its answer under the request's key, or replays a kept
 * one (x->answer.replayed and its status are set); the route's own replay() has the last word on
 * that. The same key twice at a time: handlers run one after the other, so the second finds the
 * answer of the first and waits for the same commit; "still running" (409) cannot be met. Errors:
 * the handler's, CC_ERR_IDEMPOTENCY_REUSED, CC_ERR_DB.
 */
enum cc_err retry_run(struct exchange *x, struct buf *out) CC_MUST_CHECK;

#endif
