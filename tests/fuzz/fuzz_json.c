/* SPDX-License-Identifier: EUPL-1.2 */
/* http/json: a body is read or refused, and what is read keeps the bounds of its shape. */
#include "fuzz.h"

#include "http/json.h"

static const struct json_shape street = {
    .fields = {{"calle", .max_bytes = 5},
               {"n", JSON_KIND_INTEGER, .optional = true, .min = 1, .max = 99}}};
static const struct json_shape shapes[] = {
    {.fields = {{"nif", .max_bytes = 9},
                {"clave", .max_bytes = 4},
                {"idioma", .optional = true, .max_bytes = 300}}},
    {.fields = {{"x", .optional = true, .max_bytes = 8},
                {"id", JSON_KIND_INTEGER, .optional = true, .min = -2, .max = 100},
                {"si", JSON_KIND_BOOLEAN, .optional = true},
                {"casa", JSON_KIND_OBJECT, .optional = true, .nested = &street},
                {"l", JSON_KIND_LIST, .optional = true, .max_bytes = 3, .max_items = 2},
                {"o", JSON_KIND_LIST, .optional = true, .max_items = 40, .nested = &street}}},
};

static void check_text(const struct json_field *field, const struct json_value *in)
{
    REQUIRE(in->text != NULL && in->len <= field->max_bytes && strlen(in->text) == in->len);
    REQUIRE(utf8_is_valid(in->text, in->len));
}

static void check_one(const struct json_field *field, const struct json_value *in);

static void check_shape(const struct json_shape *shape, const struct json_value *in)
{
    for (size_t i = 0; shape->fields[i].name != NULL; i++)
        if (in[i].is_given)
            check_one(&shape->fields[i], &in[i]);
        else
            REQUIRE(shape->fields[i].optional && in[i].text == NULL);
}

static void check_one(const struct json_field *field, const struct json_value *in)
{
    switch (field->kind) {
    case JSON_KIND_TEXT:
        check_text(field, in);
        break;
    case JSON_KIND_INTEGER:
        REQUIRE(in->number >= field->min && in->number <= field->max);
        break;
    case JSON_KIND_OBJECT:
        check_shape(field->nested, in->items);
        break;
    case JSON_KIND_LIST:
        REQUIRE(in->count <= field->max_items && in->count <= JSON_NESTED_MAX);
        for (size_t i = 0; i < in->count; i++)
            if (field->nested != NULL)
                check_shape(field->nested, in->items[i].items);
            else
                check_text(field, &in->items[i]);
        break;
    case JSON_KIND_BOOLEAN:
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_body body;
    const struct json_shape *shape = &shapes[size % 2];
    struct json_value in[JSON_FIELDS_MAX];
    char field[JSON_FIELD_NAME_SIZE];
    if (size == 0)
        return 0;
    uint8_t *copy = fuzz_copy(data, size);
    if (json_read((const char *)copy, size, shape, &body, in, field) == CC_OK)
        check_shape(shape, in);
    json_body_done(&body);
    free(copy);
    return 0;
}
