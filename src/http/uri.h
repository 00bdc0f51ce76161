/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Parts of a request's target besides the path itself: escapes in the parameters of the path, and
 * the parameters of the query. Source: RFC 3986 2.1 and 3.4. Pure but for the connection it reads
 * from.
 */
#ifndef CC_HTTP_URI_H
#define CC_HTTP_URI_H

#include "http/json.h"

#include <microhttpd.h>

enum { URI_QUERY_MAX = 1024 };

/*
 * Undoes the escapes of text; out is terminated. Errors: CC_ERR_QUERY_FORMAT (a broken escape, a
 * control character, not UTF-8), CC_ERR_FIELD_LENGTH.
 */
enum cc_err uri_decode(const char *text, size_t len, char *out, size_t cap,
                       size_t *ret_len) CC_MUST_CHECK;

/* Where the texts of a query live. Start it at 0. */
struct uri_query {
    const struct json_shape *shape;
    char storage[URI_QUERY_MAX];
    size_t used;
    struct json_value *in;
    char *field;
    enum cc_err err;
};

/*
 * The parameters of the query into ret_in, one entry per field of the shape, in the order of the
 * checks of json_read(). Errors: CC_ERR_FIELD_UNKNOWN, CC_ERR_JSON_DUPLICATE, CC_ERR_FIELD_MISSING,
 * CC_ERR_FIELD_LENGTH, CC_ERR_QUERY_FORMAT, CC_ERR_RANGE (of an integer); ret_field then names the
 * field, or is "" where there is none that may be shown.
 */
enum cc_err uri_read_query(struct MHD_Connection *connection, const struct json_shape *shape,
                           struct uri_query *query, struct json_value ret_in[JSON_FIELDS_MAX],
                           char ret_field[JSON_FIELD_NAME_SIZE]) CC_MUST_CHECK;
/* The steps of the above: one parameter, without a value where value is NULL; and the end. */
void uri_query_begin(struct uri_query *query, const struct json_shape *shape,
                     struct json_value ret_in[JSON_FIELDS_MAX],
                     char ret_field[JSON_FIELD_NAME_SIZE]);
void uri_query_add(struct uri_query *query, const char *name, const char *value);
enum cc_err uri_query_end(struct uri_query *query) CC_MUST_CHECK;

#endif
