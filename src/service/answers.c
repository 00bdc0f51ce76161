/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/answers.h"

enum cc_err answers_find(struct service *service, const struct answers_request *request,
                         int64_t now_ms, int *ret_status, char ret_text[ANSWERS_TEXT_SIZE])
{
    return idempotency_find(service->store, request->caller->id, request->key, request->bytes,
                            request->len, now_ms, ret_status, ret_text);
}

enum cc_err answers_keep(struct service *service, const struct answers_request *request,
                         int64_t now_ms, int status, struct buf *text)
{
    const char *answer = buf_cstr(text);
    if (answer == NULL || text->len >= ANSWERS_TEXT_SIZE)
        return CC_ERR_NO_SPACE;
    return idempotency_keep(service->store, request->caller->id, request->key, request->bytes,
                            request->len, now_ms, status, answer);
}
