/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The body of a request: one JSON object held against the shape that its route declares. Checks
 * come in one order for every route: syntax and encoding, unknown members, missing ones, wrong
 * types, lengths and ranges. What a value means is for the handler to say.
 */
#ifndef CC_HTTP_JSON_H
#define CC_HTTP_JSON_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_FIELDS_MAX = 16, JSON_FIELD_NAME_SIZE = 33 };

enum json_kind {
    JSON_KIND_TEXT,    /* of at most max_bytes */
    JSON_KIND_INTEGER, /* from min to max */
    JSON_KIND_BOOLEAN,
};

struct json_field {
    const char *name;
    enum json_kind kind;
    bool optional;
    size_t max_bytes;
    int64_t min, max;
};

struct json_shape {
    struct json_field fields[JSON_FIELDS_MAX + 1]; /* end with one without a name */
};

/* A member as its field's kind says; absent, where it is optional and was not given. */
struct json_value {
    const char *text; /* terminated and free of NUL; NULL = absent, or no text */
    size_t len;
    bool is_given;
    bool flag;
    int64_t number;
};

/* Where the texts of a body live. */
struct json_body {
    json_t *tree;
};

/*
 * Reads body into ret_in, one entry per field of the shape; texts live as long as *ret_body.
 * Errors: CC_ERR_JSON_SYNTAX, CC_ERR_JSON_UTF8, CC_ERR_JSON_DUPLICATE, CC_ERR_FIELD_UNKNOWN,
 * CC_ERR_FIELD_MISSING, CC_ERR_FIELD_TYPE, CC_ERR_FIELD_INTEGER, CC_ERR_FIELD_BOOLEAN,
 * CC_ERR_FIELD_LENGTH, CC_ERR_RANGE; ret_field then names the field, or is "" where there is none
 * that may be shown. Owns: json_body_done(ret_body), also after an error, and before the next body
 * is read.
 */
enum cc_err json_read(const char *body, size_t len, const struct json_shape *shape,
                      struct json_body *ret_body, struct json_value ret_in[JSON_FIELDS_MAX],
                      char ret_field[JSON_FIELD_NAME_SIZE]) CC_MUST_CHECK;
void json_body_done(struct json_body *body);
/* Why the parser took no tree: CC_ERR_JSON_UTF8, CC_ERR_JSON_DUPLICATE, CC_ERR_MEMORY,
 * CC_ERR_JSON_SYNTAX. */
enum cc_err json_syntax_error(const json_error_t *error);
/* From now on jansson wipes what it frees: there are codes in it. Once, before any json_read(). */
void json_wipe_freed_memory(void);

/* The index of the field of this name; JSON_FIELDS_MAX if there is none. */
size_t json_shape_find(const struct json_shape *shape, const char *key);
/* Whether a key looks like a field's name and may be shown: another may be a value out of place. */
bool json_is_name(const char *key);
void json_name_field(char out[JSON_FIELD_NAME_SIZE], const char *name);

#endif
