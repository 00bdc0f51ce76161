/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/template.h"

#include <string.h>

void template_fill(const char *text, template_put_fn *put, const void *user, struct buf *out)
{
    for (const char *at = text; *at != '\0';) {
        const char *open = strchrnul(at, '{'), *close = strchr(open, '}');
        buf_put(out, at, (size_t)(open - at));
        if (*open == '\0' || close == NULL)
            return;
        put(user, open + 1, (size_t)(close - open - 1), out);
        at = close + 1;
    }
}

bool template_is_name(const char *wanted, const char *name, size_t len)
{
    return strlen(wanted) == len && memcmp(wanted, name, len) == 0;
}
