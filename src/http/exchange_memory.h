/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Memory of exchanges. Some that have ended are kept for the next ones: they are too large for the
 * allocator's short way, and each request would take the long one.
 */
#ifndef CC_HTTP_EXCHANGE_MEMORY_H
#define CC_HTTP_EXCHANGE_MEMORY_H

#include "http/exchange.h"

/* All zero; NULL = no memory. */
struct exchange *exchange_new(struct http_context *context);
/* Wipes what is secret in it. */
void exchange_free(struct exchange *x);
/* Frees those that are kept. */
void exchange_free_spares(struct http_context *context);

#endif
