/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/cursor.h"

#include "base/hex.h"
#include "store/seal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGE_SIZE = 1024 };

void cursor_write(const struct service *service, const struct buf *question, int64_t at,
                  char ret[CURSOR_SIZE])
{
    uint8_t storage[IMAGE_SIZE], tag[SECRET_TAG_BYTES];
    char hex[2 * SECRET_TAG_BYTES + 1];
    struct buf image;
    buf_init(&image, storage, sizeof(storage));
    buf_le64(&image, (uint64_t)at);
    buf_put(&image, question->data, question->len);
    if (!buf_ok(&image) || !buf_ok(question))
        abort(); /* a question is made of fields that are bounded */
    secret_short_tag(service->store->keys, SECRET_USE_CURSOR, image.data, image.len, tag);
    hex_encode_lower(tag, sizeof(tag), hex);
    (void)snprintf(ret, CURSOR_SIZE, "%" PRId64 ".%s", at, hex);
}

enum cc_err cursor_read(const struct service *service, const struct buf *question,
                        const char *cursor, int64_t *ret_at)
{
    char wanted[CURSOR_SIZE];
    errno = 0;
    int64_t at = strtoll(cursor, NULL, 10);
    if (errno != 0 || at <= 0)
        return CC_ERR_RANGE;
    cursor_write(service, question, at, wanted);
    if (strcmp(cursor, wanted) != 0)
        return CC_ERR_RANGE;
    *ret_at = at;
    return CC_OK;
}
