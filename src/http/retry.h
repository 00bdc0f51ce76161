/* SPDX-License-Identifier: EUPL-1.2 */
/* Idempotency-Key (DOMAIN 6): a retried POST is given the first one's answer, and does nothing. */
#ifndef CC_HTTP_RETRY_H
#define CC_HTTP_RETRY_H

#include "http/exchange.h"

/*
 * Inside a turn: runs the handler and keeps its answer under the request's key, or replays a kept
 * one (x->replayed and x->status are set). Errors: the handler's, CC_ERR_IDEMPOTENCY_REUSED,
 * CC_ERR_DB.
 */
enum cc_err retry_run(struct exchange *x, const struct json_text *in,
                      struct buf *out) CC_MUST_CHECK;

#endif
