/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/json.h"

#include "base/secret.h"
#include "http/json_plain.h"

#include <stdio.h>
#include <string.h>

void json_name_field(char out[JSON_FIELD_NAME_SIZE], const char *name)
{
    (void)snprintf(out, JSON_FIELD_NAME_SIZE, "%s", name);
}

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

static enum cc_err syntax_error(const json_error_t *error)
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
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].code == code)
            return rows[i].err;
    }
    return CC_ERR_JSON_SYNTAX;
}

bool json_is_name(const char *key)
{
    size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz_");
    return key[len] == '\0' && len > 0 && len < JSON_FIELD_NAME_SIZE;
}

size_t json_shape_find(const struct json_shape *shape, const char *key)
{
    size_t i = 0;
    while (i < shape->count && strcmp(shape->fields[i].name, key) != 0)
        i++;
    return i;
}

static enum cc_err refuse_unknown(json_t *object, const struct json_shape *shape,
                                  char ret_field[JSON_FIELD_NAME_SIZE])
{
    for (void *it = json_object_iter(object); it != NULL; it = json_object_iter_next(object, it)) {
        const char *key = json_object_iter_key(it);
        if (json_shape_find(shape, key) < shape->count)
            continue;
        json_name_field(ret_field, json_is_name(key) ? key : "");
        return CC_ERR_FIELD_UNKNOWN;
    }
    return CC_OK;
}

static bool is_missing(const struct json_field *field, const json_t *value)
{
    return value == NULL && !field->optional;
}

static bool is_mistyped(const struct json_field *field, const json_t *value)
{
    (void)field;
    return value != NULL && !json_is_string(value);
}

static bool is_too_long(const struct json_field *field, const json_t *value)
{
    return value != NULL && json_string_length(value) > field->max_bytes;
}

/* One pass over all the fields per check, so that the order of the errors is the checks' order. */
static enum cc_err check_fields(json_t *const values[], const struct json_shape *shape,
                                char ret_field[JSON_FIELD_NAME_SIZE])
{
    static const struct {
        bool (*is_bad)(const struct json_field *field, const json_t *value);
        enum cc_err err;
    } checks[] = {
        {is_missing, CC_ERR_FIELD_MISSING},
        {is_mistyped, CC_ERR_FIELD_TYPE},
        {is_too_long, CC_ERR_FIELD_LENGTH},
    };
    for (size_t c = 0; c < sizeof(checks) / sizeof(checks[0]); c++) {
        for (size_t i = 0; i < shape->count; i++) {
            const struct json_field *field = &shape->fields[i];
            if (!checks[c].is_bad(field, values[i]))
                continue;
            json_name_field(ret_field, field->name);
            return checks[c].err;
        }
    }
    return CC_OK;
}

static enum cc_err check_object(json_t *tree, const struct json_shape *shape,
                                struct json_text ret_in[JSON_FIELDS_MAX],
                                char ret_field[JSON_FIELD_NAME_SIZE])
{
    json_t *values[JSON_FIELDS_MAX];
    if (!json_is_object(tree))
        return CC_ERR_JSON_SYNTAX;
    for (size_t i = 0; i < shape->count; i++)
        values[i] = json_object_get(tree, shape->fields[i].name);
    enum cc_err err = refuse_unknown(tree, shape, ret_field);
    if (err == CC_OK)
        err = check_fields(values, shape, ret_field);
    for (size_t i = 0; err == CC_OK && i < shape->count; i++)
        ret_in[i] = (struct json_text){json_string_value(values[i]), json_string_length(values[i])};
    return err;
}

static enum cc_err read_tree(const char *body, size_t len, const struct json_shape *shape,
                             json_t **ret_tree, struct json_text ret_in[JSON_FIELDS_MAX],
                             char ret_field[JSON_FIELD_NAME_SIZE])
{
    json_error_t error;
    *ret_tree = json_loadb(body, len, JSON_REJECT_DUPLICATES, &error);
    if (*ret_tree != NULL)
        return check_object(*ret_tree, shape, ret_in, ret_field);
    enum cc_err failed = syntax_error(&error);
    if (failed == CC_ERR_JSON_DUPLICATE && error.position > 0)
        name_duplicate(body, (size_t)error.position, shape, ret_field);
    return failed;
}

enum cc_err json_read(const char *body, size_t len, const struct json_shape *shape,
                      struct json_body *ret_body, struct json_text ret_in[JSON_FIELDS_MAX],
                      char ret_field[JSON_FIELD_NAME_SIZE])
{
    ret_field[0] = '\0';
    ret_body->tree = NULL;
    if (json_plain_read(body, len, shape, ret_body->plain, ret_in))
        return CC_OK;
    return read_tree(body, len, shape, &ret_body->tree, ret_in, ret_field);
}

void json_body_done(struct json_body *body)
{
    json_decref(body->tree);
    secret_wipe(body->plain, sizeof(body->plain));
}
