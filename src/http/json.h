/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The body of a request: one flat JSON object whose members are texts, held against the shape that
 * its route declares. Checks come in one order for every route: syntax and encoding, unknown
 * members, missing ones, wrong types, lengths. What a text means is the handler's to say.
 */
#ifndef CC_HTTP_JSON_H
#define CC_HTTP_JSON_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { JSON_FIELDS_MAX = 8, JSON_FIELD_NAME_SIZE = 33, JSON_PLAIN_MAX = 256 };

struct json_field {
    const char *name;
    bool optional;
    size_t max_bytes;
};

struct json_shape {
    size_t count;
    struct json_field fields[JSON_FIELDS_MAX];
};

/* One member's text, terminated and free of NUL; text is NULL when an optional one is absent. */
struct json_text {
    const char *text;
    size_t len;
};

/* Where the texts of a body live. */
struct json_body {
    json_t *tree;               /* NULL when it was plain: see json_plain.h */
    char plain[JSON_PLAIN_MAX]; /* all of it is wiped in the end: there may be codes in it */
};

/*
 * Reads body into ret_in, one entry per field of the shape; the texts live as long as *ret_body.
 * Errors: CC_ERR_JSON_SYNTAX, CC_ERR_JSON_UTF8, CC_ERR_JSON_DUPLICATE, CC_ERR_FIELD_UNKNOWN,
 * CC_ERR_FIELD_MISSING, CC_ERR_FIELD_TYPE, CC_ERR_FIELD_LENGTH; ret_field then names the field, or
 * is "" where there is none that may be shown. Owns: json_body_done(ret_body), also after an error.
 */
enum cc_err json_read(const char *body, size_t len, const struct json_shape *shape,
                      struct json_body *ret_body, struct json_text ret_in[JSON_FIELDS_MAX],
                      char ret_field[JSON_FIELD_NAME_SIZE]) CC_MUST_CHECK;
void json_body_done(struct json_body *body);

/* The index of the field of this name; shape->count if there is none. */
size_t json_shape_find(const struct json_shape *shape, const char *key);
/* Whether a key looks like a field's name and may be shown: another may be a value out of place. */
bool json_is_name(const char *key);
void json_name_field(char out[JSON_FIELD_NAME_SIZE], const char *name);

#endif
