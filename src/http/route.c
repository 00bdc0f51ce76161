/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/route.h"

#include <string.h>

bool route_is_get(const struct route *row)
{
    return strcmp(row->method, "GET") == 0;
}

static bool takes_method(const struct route *row, const char *method)
{
    return strcmp(row->method, method) == 0 || (route_is_get(row) && strcmp(method, "HEAD") == 0);
}

/* A parameter takes one whole segment, which must not be empty. */
static bool match_path(const char *pattern, const char *path, struct route_match *ret)
{
    ret->count = 0;
    while (*pattern != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t len = strcspn(path, "/");
        if (len == 0 || ret->count == ROUTE_PARAMS_MAX)
            return false;
        ret->params[ret->count++] = (struct route_param){path, len};
        path += len;
        pattern = strchr(pattern, '}') + 1;
    }
    return *path == '\0';
}

/* "GET, HEAD, POST": each method once, though several rows may have it. */
static void add_method(struct buf *allow, const struct route *row)
{
    const char *text = route_is_get(row) ? "GET, HEAD" : row->method;
    if (allow->len > 0 && memmem(allow->data, allow->len, row->method, strlen(row->method)) != NULL)
        return;
    buf_str(allow, allow->len > 0 ? ", " : "");
    buf_str(allow, text);
}

enum cc_err route_find(const struct route *rows, size_t count, unsigned callers, const char *path,
                       const char *method, struct route_match *ret, struct buf *allow)
{
    enum cc_err err = CC_ERR_NOT_FOUND;
    for (size_t i = 0; i < count; i++) {
        const struct route *row = &rows[i];
        struct route_match match = {.row = row};
        if ((row->callers & callers) == 0 || !match_path(row->path, path, &match))
            continue;
        if (takes_method(row, method)) {
            *ret = match;
            return CC_OK;
        }
        add_method(allow, row);
        err = CC_ERR_METHOD;
    }
    return err;
}
