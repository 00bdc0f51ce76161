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
struct upload_sink;

enum { ROUTE_PARAMS_MAX = 2, ROUTE_PARAM_SIZE = 97 };

/*
 * Answers one request: appends to out the members of a JSON object or, where the row has a type,
 * the body; or sets x->answer. An error undoes what was written, also to out, and becomes a
 * problem; exchange_blame() names the field.
 */
typedef enum cc_err route_handler(struct exchange *x, struct buf *out);

/*
 * Work that must not be done in the loop, before the handler: begins it, and later x goes on with
 * exchange_go_on(). *ret_waits false: there is nothing to wait for.
 */
typedef enum cc_err route_before(struct exchange *x, bool *ret_waits);

struct route {
    const char *method; /* "GET" answers HEAD too */
    const char *path;   /* a segment "{name}" is a parameter: the handler finds it in x->params */
    unsigned callers;   /* kinds that may ask: bits of enum caller_kind */
    unsigned scope;     /* of which the caller must hold one: bits of enum client_scope */
    bool writes;        /* runs inside the turn; its answer waits for the commit */
    bool is_audited;    /* it reads, which leaves an entry in the audit: inside the turn too */
    bool on_loopback;   /* needs no token from a program of this computer */
    bool in_doubt;      /* served to all also while the database is in doubt (store/integrity.h) */
    bool is_even;       /* its answers leave on steps of 2 ms, spread: their time tells nothing */
    bool keeps_answer;  /* to a person too, for a request that is sent again: it holds no secret */
    bool packs;         /* its answer holds no secret, and may be compressed: http/pack.h */
    size_t body_max;    /* bytes of the body; 0 = HTTP_BODY_MAX */
    unsigned status;    /* of success */
    const char *type;   /* media type of the answer; NULL = a JSON object, or none with 204 */
    route_handler *handler;
    route_before *before; /* NULL = none; needs a body */
    /* Given the kept answer in out before it is replayed: may put what holds now in its place.
       NULL = a kept answer is replayed as it is. */
    route_handler *replay;
    /* GET: the parameters of the query, texts and integers; NULL = a query is ignored. Other
       methods: the JSON body; NULL = no body. */
    const struct json_shape *shape;
    /* The body is multipart/form-data with files, and the shape is of its texts; NULL = JSON. */
    const struct upload_sink *upload;
};

/* A parameter's text as it stands in the path, with its escapes. */
struct route_param {
    const char *at;
    size_t len;
};

struct route_match {
    const struct route *row;
    size_t count;
    struct route_param params[ROUTE_PARAMS_MAX];
};

/*
 * The first row of this path and method that one of the kinds of caller may ask for. Errors:
 * CC_ERR_NOT_FOUND (no such path for these callers), CC_ERR_METHOD (then the methods that it has
 * are appended to allow, as "GET, HEAD").
 */
enum cc_err route_find(const struct route *rows, size_t count, unsigned callers, const char *path,
                       const char *method, struct route_match *ret,
                       struct buf *allow) CC_MUST_CHECK;
bool route_is_get(const struct route *row);

#endif
