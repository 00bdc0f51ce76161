/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers kept for a day, for POST requests that a client or a person sends again (DOMAIN 6). */
#ifndef CC_SERVICE_ANSWERS_H
#define CC_SERVICE_ANSWERS_H

#include "service/caller.h"
#include "service/service.h"
#include "store/idempotency.h"

#include <stddef.h>

enum { ANSWERS_TEXT_SIZE = IDEMPOTENCY_ANSWER_MAX };

/* A request under its Idempotency-Key. */
struct answers_request {
    const struct caller *caller;
    const char *key;
    const void *bytes; /* method, path and body */
    size_t len;
};

/*
 * Both inside a turn. Finds the answer of the first time. Errors: CC_ERR_NOT_FOUND (first time),
 * CC_ERR_IDEMPOTENCY_REUSED (same key, other request), CC_ERR_DB, CC_ERR_ALTERED.
 */
enum cc_err answers_find(struct service *service, const struct answers_request *request,
                         int64_t now_ms, int *ret_status,
                         char ret_text[ANSWERS_TEXT_SIZE]) CC_MUST_CHECK;
/* Keeps the answer of the first time. Errors: CC_ERR_NO_SPACE (ANSWERS_TEXT_SIZE), CC_ERR_DB. */
enum cc_err answers_keep(struct service *service, const struct answers_request *request,
                         int64_t now_ms, int status, struct buf *text) CC_MUST_CHECK;

#endif
