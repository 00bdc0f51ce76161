/* SPDX-License-Identifier: EUPL-1.2 */
/* The router: one row per method and path, and everything that is checked before its handler. */
#ifndef CC_HTTP_ROUTE_H
#define CC_HTTP_ROUTE_H

#include "base/buf.h"
#include "base/err.h"
#include "http/json.h"
#include "service/caller.h"

#include <stdbool.h>
#include <stddef.h>

struct exchange;

/*
 * Answers one request: appends the JSON body to out. in has one entry per field of the row's shape.
 * An error undoes whatever was written, and becomes a problem; exchange_blame() names the field.
 */
typedef enum cc_err (*route_handler)(struct exchange *x, const struct json_text *in,
                                     struct buf *out);

struct route {
    const char *method; /* "GET" answers HEAD too */
    const char *path;
    unsigned callers; /* kinds that may ask: bits of enum caller_kind */
    unsigned scope;   /* of which the caller must hold one: bits of enum client_scope */
    bool writes;      /* runs inside the turn; its answer waits for the commit */
    bool in_doubt;    /* served to all also while the database is in doubt (store/integrity.h) */
    unsigned status;  /* of success */
    route_handler handler;
    /* Given the kept answer in out before it is replayed: may put what holds now in its place.
       NULL = a kept answer is replayed as it is. */
    route_handler replay;
    const struct json_shape *shape; /* NULL = no body */
};

/*
 * The first row of this path and method that one of the kinds of caller may ask for. Errors:
 * CC_ERR_NOT_FOUND (no such path for these callers), CC_ERR_METHOD (then the methods that it has
 * are appended to allow, as "GET, HEAD").
 */
enum cc_err route_find(const struct route *rows, size_t count, unsigned callers, const char *path,
                       const char *method, const struct route **ret,
                       struct buf *allow) CC_MUST_CHECK;

#endif
