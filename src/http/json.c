/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/json.h"

#include "base/secret.h"
#include "http/json_shape.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/*
 * The parser stops right behind the second of two equal keys, so the key is what the text read so
 * far ends with. Found among our own names: nothing that the client wrote is repeated.
 */
static void name_duplicate(const char *body, size_t end, const struct json_shape *shape,
                           char out[JSON_FIELD_NAME_SIZE])
{
    for (size_t i = 0; i < shape->count; i++) {
        const char *name = shape->fields[i].name;
        size_t len = strlen(name);
        if (end < len + 2 || body[end - 1] != '"' || body[end - len - 2] != '"')
            continue;
        if (memcmp(body + end - len - 1, name, len) == 0)
            json_name_field(out, name);
    }
}

enum cc_err json_syntax_error(const json_error_t *error)
{
    static const struct {
        enum json_error_code code;
        enum cc_err err;
    } rows[] = {
        {json_error_invalid_utf8, CC_ERR_JSON_UTF8},
        {json_error_duplicate_key, CC_ERR_JSON_DUPLICATE},
        {json_error_out_of_memory, CC_ERR_MEMORY},
    };
    enum json_error_code code = json_error_code(error);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].code == code)
            return rows[i].err;
    return CC_ERR_JSON_SYNTAX;
}

enum cc_err json_read(const char *body, size_t len, const struct json_shape *shape,
                      struct json_body *ret_body, struct json_value ret_in[JSON_FIELDS_MAX],
                      char ret_field[JSON_FIELD_NAME_SIZE])
{
    json_error_t error;
    ret_field[0] = '\0';
    ret_body->used = 0;
    ret_body->tree = json_loadb(body, len, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(ret_body->tree))
        return json_take_object(ret_body->tree, shape, ret_body, ret_in, ret_field);
    if (ret_body->tree != NULL)
        return CC_ERR_JSON_SYNTAX;
    enum cc_err failed = json_syntax_error(&error);
    if (failed == CC_ERR_JSON_DUPLICATE && error.position > 0)
        name_duplicate(body, (size_t)error.position, shape, ret_field);
    return failed;
}

void json_body_done(struct json_body *body)
{
    json_decref(body->tree);
}

static void wipe_and_free(void *memory)
{
    if (memory != NULL)
        secret_wipe(memory, malloc_usable_size(memory));
    free(memory);
}

void json_wipe_freed_memory(void)
{
    json_set_alloc_funcs(malloc, wipe_and_free);
}
