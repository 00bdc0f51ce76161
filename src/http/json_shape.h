/* SPDX-License-Identifier: EUPL-1.2 */
/* The second half of json.h: a parsed object against its shape, and what the parser says. */
#ifndef CC_HTTP_JSON_SHAPE_H
#define CC_HTTP_JSON_SHAPE_H

#include "http/json.h"

/* Why the parser took no tree: CC_ERR_JSON_UTF8, CC_ERR_JSON_DUPLICATE, CC_ERR_MEMORY,
 * CC_ERR_JSON_SYNTAX. */
enum cc_err json_syntax_error(const json_error_t *error);
/* As json_read(), from an object that is parsed already. */
enum cc_err json_take_object(json_t *object, const struct json_shape *shape, struct json_body *body,
                             struct json_value *ret_in,
                             char ret_field[JSON_FIELD_NAME_SIZE]) CC_MUST_CHECK;

#endif
