/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Answers kept for retried POSTs (DOMAIN 6): same client, key and body → the stored answer, 24 h.
 * Key and body are kept as tags, the answer is sealed.
 */
#ifndef CC_STORE_IDEMPOTENCY_H
#define CC_STORE_IDEMPOTENCY_H

#include "store/store.h"

#include <stddef.h>

enum { IDEMPOTENCY_ANSWER_MAX = 4096 };

/*
 * Looks for an earlier answer. CC_OK: *ret_status and answer (terminated) are it. CC_ERR_NOT_FOUND:
 * first time. CC_ERR_IDEMPOTENCY_REUSED: same key, other method, path or body.
 */
enum cc_err idempotency_find(struct store *store, int64_t client_id, const char *key,
                             const void *request, size_t len, int64_t now_ms, int *ret_status,
                             char answer[IDEMPOTENCY_ANSWER_MAX]) CC_MUST_CHECK;
enum cc_err idempotency_keep(struct store *store, int64_t client_id, const char *key,
                             const void *request, size_t len, int64_t now_ms, int status,
                             const char *answer) CC_MUST_CHECK;
/* Deletes what is older than 24 h. */
enum cc_err idempotency_sweep(struct store *store, int64_t now_ms) CC_MUST_CHECK;

#endif
