/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/uri.h"

#include "base/hex.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* The value of the escape that begins at text; -1 if it is none. */
static int escaped_byte(const char *text, size_t left)
{
    if (left < 3 || hex_value(text[1]) < 0 || hex_value(text[2]) < 0)
        return -1;
    return hex_value(text[1]) * 16 + hex_value(text[2]);
}

enum cc_err uri_decode(const char *text, size_t len, char *out, size_t cap, size_t *ret_len)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        int byte = (unsigned char)text[i];
        if (byte == '%') {
            byte = escaped_byte(text + i, len - i);
            i += 2;
        }
        if (byte < ' ' || byte == 0x7f)
            return CC_ERR_QUERY_FORMAT;
        if (used + 1 >= cap)
            return CC_ERR_FIELD_LENGTH;
        out[used++] = (char)byte;
    }
    if (used >= cap)
        return CC_ERR_FIELD_LENGTH;
    out[used] = '\0';
    if (!utf8_is_valid(out, used))
        return CC_ERR_QUERY_FORMAT;
    *ret_len = used;
    return CC_OK;
}

static void set_fault(struct uri_query *query, const char *name, enum cc_err err)
{
    json_name_field(query->field, name);
    query->err = err;
}

void uri_query_begin(struct uri_query *query, const struct json_shape *shape,
                     struct json_value ret_in[JSON_FIELDS_MAX],
                     char ret_field[JSON_FIELD_NAME_SIZE])
{
    query->shape = shape;
    query->used = 0;
    query->in = ret_in;
    query->field = ret_field;
    query->err = CC_OK;
    ret_field[0] = '\0';
    memset(ret_in, 0, JSON_FIELDS_MAX * sizeof(*ret_in));
}

/* Decimal digits, with a sign before them or not. */
static bool take_number(const struct json_field *field, struct json_value *value)
{
    enum { DIGITS_MAX = 18 };
    const char *digits = value->text + (value->text[0] == '-');
    size_t len = strspn(digits, "0123456789");
    if (len == 0 || len > DIGITS_MAX || digits[len] != '\0')
        return false;
    value->number = strtoll(value->text, NULL, 10);
    return value->number >= field->min && value->number <= field->max;
}

/* Decodes a parameter behind those of before; *ret_len without the NUL. */
static enum cc_err take_text(struct uri_query *query, size_t i, const char *text, size_t *ret_len)
{
    const struct json_field *field = &query->shape->fields[i];
    if (query->in[i].text != NULL)
        return CC_ERR_JSON_DUPLICATE;
    enum cc_err err = uri_decode(text, strlen(text), query->storage + query->used,
                                 sizeof(query->storage) - query->used, ret_len);
    if (err == CC_OK && field->kind == JSON_KIND_TEXT && *ret_len > field->max_bytes)
        return CC_ERR_FIELD_LENGTH;
    return err;
}

void uri_query_add(struct uri_query *query, const char *name, const char *value)
{
    size_t len = 0;
    if (query->err != CC_OK)
        return;
    size_t i = json_shape_find(query->shape, name);
    if (i == JSON_FIELDS_MAX) {
        set_fault(query, json_is_name(name) ? name : "", CC_ERR_FIELD_UNKNOWN);
        return;
    }
    const struct json_field *field = &query->shape->fields[i];
    enum cc_err err = take_text(query, i, value != NULL ? value : "", &len);
    if (err != CC_OK) {
        set_fault(query, field->name, err);
        return;
    }
    query->in[i] =
        (struct json_value){.text = query->storage + query->used, .len = len, .is_given = true};
    query->used += len + 1;
    if (field->kind == JSON_KIND_INTEGER && !take_number(field, &query->in[i]))
        set_fault(query, field->name, CC_ERR_RANGE);
}

enum cc_err uri_query_end(struct uri_query *query)
{
    for (const struct json_field *field = query->shape->fields; field->name != NULL; field++)
        if (query->err == CC_OK && !field->optional &&
            query->in[field - query->shape->fields].text == NULL)
            set_fault(query, field->name, CC_ERR_FIELD_MISSING);
    return query->err;
}

static enum MHD_Result on_parameter(void *user, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    (void)kind;
    uri_query_add(user, name, value);
    return MHD_YES;
}

enum cc_err uri_read_query(struct MHD_Connection *connection, const struct json_shape *shape,
                           struct uri_query *query, struct json_value ret_in[JSON_FIELDS_MAX],
                           char ret_field[JSON_FIELD_NAME_SIZE])
{
    uri_query_begin(query, shape, ret_in, ret_field);
    (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, on_parameter, query);
    return uri_query_end(query);
}
