/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/json.h"

#include "base/secret.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the tree against the shape ----------------------------------------------------------------
 */

size_t json_shape_find(const struct json_shape *shape, const char *key)
{
    for (size_t i = 0; shape->fields[i].name != NULL; i++)
        if (strcmp(shape->fields[i].name, key) == 0)
            return i;
    return JSON_FIELDS_MAX;
}

bool json_is_name(const char *key)
{
    size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz_");
    return key[len] == '\0' && len > 0 && len < JSON_FIELD_NAME_SIZE;
}

void json_name_field(char out[JSON_FIELD_NAME_SIZE], const char *name)
{
    (void)snprintf(out, JSON_FIELD_NAME_SIZE, "%s", name);
}

static enum cc_err check_unknown(json_t *object, const struct json_shape *shape,
                                 char ret_field[JSON_FIELD_NAME_SIZE])
{
    for (void *it = json_object_iter(object); it != NULL; it = json_object_iter_next(object, it)) {
        const char *key = json_object_iter_key(it);
        if (json_shape_find(shape, key) != JSON_FIELDS_MAX)
            continue;
        json_name_field(ret_field, json_is_name(key) ? key : "");
        return CC_ERR_FIELD_UNKNOWN;
    }
    return CC_OK;
}

static enum cc_err check_presence(const struct json_field *field, const json_t *value)
{
    return value == NULL && !field->optional ? CC_ERR_FIELD_MISSING : CC_OK;
}

static enum cc_err check_type(const struct json_field *field, const json_t *value)
{
    static const struct {
        json_type type;
        enum cc_err err;
    } rows[] = {
        [JSON_KIND_TEXT] = {JSON_STRING, CC_ERR_FIELD_TYPE},
        [JSON_KIND_INTEGER] = {JSON_INTEGER, CC_ERR_FIELD_INTEGER},
        [JSON_KIND_BOOLEAN] = {JSON_TRUE, CC_ERR_FIELD_BOOLEAN},
    };
    if (value == NULL || json_typeof(value) == rows[field->kind].type)
        return CC_OK;
    return field->kind == JSON_KIND_BOOLEAN && json_is_false(value) ? CC_OK : rows[field->kind].err;
}

static enum cc_err check_size(const struct json_field *field, const json_t *value)
{
    json_int_t number = json_integer_value(value);
    if (json_is_string(value) && json_string_length(value) > field->max_bytes)
        return CC_ERR_FIELD_LENGTH;
    return json_is_integer(value) && (number < field->min || number > field->max) ? CC_ERR_RANGE
                                                                                  : CC_OK;
}

/* Each check passes over all the fields: the order of the checks is the order of the errors. */
static enum cc_err check_fields(json_t *const *values, const struct json_shape *shape,
                                char ret_field[JSON_FIELD_NAME_SIZE])
{
    static enum cc_err (*const checks[])(const struct json_field *,
                                         const json_t *) = {check_presence, check_type, check_size};
    for (size_t c = 0; c < sizeof(checks) / sizeof(checks[0]); c++) {
        for (size_t i = 0; shape->fields[i].name != NULL; i++) {
            const struct json_field *field = &shape->fields[i];
            enum cc_err err = checks[c](field, values[i]);
            if (err == CC_OK)
                continue;
            json_name_field(ret_field, field->name);
            return err;
        }
    }
    return CC_OK;
}

static enum cc_err take_object(json_t *object, const struct json_shape *shape,
                               struct json_value ret_in[JSON_FIELDS_MAX],
                               char ret_field[JSON_FIELD_NAME_SIZE])
{
    json_t *values[JSON_FIELDS_MAX];
    enum cc_err err = check_unknown(object, shape, ret_field);
    for (size_t i = 0; shape->fields[i].name != NULL; i++)
        values[i] = json_object_get(object, shape->fields[i].name);
    if (err == CC_OK)
        err = check_fields(values, shape, ret_field);
    for (size_t i = 0; err == CC_OK && shape->fields[i].name != NULL; i++)
        ret_in[i] = (struct json_value){.is_given = values[i] != NULL,
                                        .text = json_string_value(values[i]),
                                        .len = json_string_length(values[i]),
                                        .flag = json_is_true(values[i]),
                                        .number = json_integer_value(values[i])};
    return err;
}

/* ---- its memory ---------------------------------------------------------------------------------
 */

enum { TREE_BYTES = 4096, TREE_ALIGN = 16 };

/*
 * The tree of a body lies in one piece: as its many small ones are taken and given back, they would
 * take as long as the parser. What does not fit, and what others have of jansson, is malloc()'s.
 */
static struct {
    _Alignas(TREE_ALIGN) uint8_t bytes[TREE_BYTES];
    size_t used;
    bool is_open; /* the parser runs */
} tree_memory;

static void *take_memory(size_t size)
{
    size_t begin = (tree_memory.used + TREE_ALIGN - 1) / TREE_ALIGN * TREE_ALIGN;
    if (!tree_memory.is_open || size > TREE_BYTES - begin)
        return malloc(size);
    tree_memory.used = begin + size;
    return tree_memory.bytes + begin;
}

static void wipe_and_free(void *memory)
{
    bool is_of_tree = (uintptr_t)memory - (uintptr_t)tree_memory.bytes < TREE_BYTES;
    if (memory == NULL || is_of_tree) /* json_body_done() wipes that */
        return;
    secret_wipe(memory, malloc_usable_size(memory));
    free(memory);
}

void json_wipe_freed_memory(void)
{
    json_set_alloc_funcs(take_memory, wipe_and_free);
}

void json_body_done(struct json_body *body)
{
    json_decref(body->tree);
    secret_wipe(tree_memory.bytes, tree_memory.used);
    tree_memory.used = 0;
}

/* ---- the text -----------------------------------------------------------------------------------
 */

/*
 * The parser stops right behind the second of two equal keys, so the key is what the text read so
 * far ends with. Found among our own names: nothing that the client wrote is repeated.
 */
static void name_duplicate(const char *body, size_t end, const struct json_shape *shape,
                           char out[JSON_FIELD_NAME_SIZE])
{
    for (size_t i = 0; shape->fields[i].name != NULL; i++) {
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
    tree_memory.is_open = true;
    ret_body->tree = json_loadb(body, len, JSON_REJECT_DUPLICATES, &error);
    tree_memory.is_open = false;
    if (json_is_object(ret_body->tree))
        return take_object(ret_body->tree, shape, ret_in, ret_field);
    if (ret_body->tree != NULL)
        return CC_ERR_JSON_SYNTAX;
    enum cc_err failed = json_syntax_error(&error);
    if (failed == CC_ERR_JSON_DUPLICATE && error.position > 0)
        name_duplicate(body, (size_t)error.position, shape, ret_field);
    return failed;
}
