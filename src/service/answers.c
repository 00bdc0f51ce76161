/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/answers.h"

/* A person's requests are the person's, by any session; no client has such an id. */
static int64_t owner_of(const struct caller *caller)
{
    return caller->kind == CALLER_SESSION ? -caller->operator_id : caller->id;
}

enum cc_err answers_find(struct service *service, const struct answers_request *request,
                         int64_t now_ms, int *ret_status, char ret_text[ANSWERS_TEXT_SIZE])
{
    return idempotency_find(service->store, owner_of(request->caller), request->key, request->bytes,
                            request->len, now_ms, ret_status, ret_text);
}

enum cc_err answers_keep(struct service *service, const struct answers_request *request,
                         int64_t now_ms, int status, struct buf *text)
{
    const char *answer = buf_cstr(text);
    if (answer == NULL || text->len >= ANSWERS_TEXT_SIZE)
        return CC_ERR_NO_SPACE;
    return idempotency_keep(service->store, owner_of(request->caller), request->key, request->bytes,
                            request->len, now_ms, status, answer);
}
