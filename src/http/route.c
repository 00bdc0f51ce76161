/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/route.h"

#include <string.h>

static bool is_get(const struct route *row)
{
    return strcmp(row->method, "GET") == 0;
}

static bool takes_method(const struct route *row, const char *method)
{
    return strcmp(row->method, method) == 0 || (is_get(row) && strcmp(method, "HEAD") == 0);
}

enum cc_err route_find(const struct route *rows, size_t count, unsigned callers, const char *path,
                       const char *method, const struct route **ret, struct buf *allow)
{
    enum cc_err err = CC_ERR_NOT_FOUND;
    for (size_t i = 0; i < count; i++) {
        const struct route *row = &rows[i];
        if ((row->callers & callers) == 0 || strcmp(row->path, path) != 0)
            continue;
        if (takes_method(row, method)) {
            *ret = row;
            return CC_OK;
        }
        buf_str(allow, allow->len > 0 ? ", " : "");
        buf_str(allow, is_get(row) ? "GET, HEAD" : row->method);
        err = CC_ERR_METHOD;
    }
    return err;
}
