/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/body.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

enum cc_err body_keep(struct body *body, const char *data, size_t len)
{
    if (len > body->cap - body->len)
        return CC_ERR_BODY_TOO_LARGE;
    if (body->bytes == NULL)
        body->bytes = malloc(body->cap);
    if (body->bytes == NULL)
        return CC_ERR_MEMORY;
    memcpy(body->bytes + body->len, data, len);
    body->len += len;
    return CC_OK;
}

void body_done(struct body *body)
{
    if (body->bytes != NULL)
        secret_wipe(body->bytes, body->len);
    free(body->bytes);
    *body = (struct body){0};
}
