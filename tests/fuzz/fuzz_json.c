/* SPDX-License-Identifier: EUPL-1.2 */
/* http/json: a body is read or refused, and what is read keeps the bounds of its shape. */
#include "fuzz.h"

#include "http/json.h"

static const struct json_shape shapes[] = {
    {.fields = {{"nif", .max_bytes = 9},
                {"clave", .max_bytes = 4},
                {"idioma", .optional = true, .max_bytes = 300}}},
    {.fields = {{"x", .optional = true, .max_bytes = 8},
                {"id", JSON_KIND_INTEGER, .optional = true, .min = -2, .max = 100},
                {"si", JSON_KIND_BOOLEAN, .optional = true}}},
};

static void check_text(const struct json_field *field, const struct json_value *in)
{
    REQUIRE(in->text != NULL && in->len <= field->max_bytes && strlen(in->text) == in->len);
    REQUIRE(utf8_is_valid(in->text, in->len));
}

static void check_one(const struct json_field *field, const struct json_value *in)
{
    if (field->kind == JSON_KIND_TEXT)
        check_text(field, in);
    else if (field->kind == JSON_KIND_INTEGER)
        REQUIRE(in->number >= field->min && in->number <= field->max);
}

static void check_shape(const struct json_shape *shape, const struct json_value *in)
{
    for (size_t i = 0; shape->fields[i].name != NULL; i++)
        if (in[i].is_given)
            check_one(&shape->fields[i], &in[i]);
        else
            REQUIRE(shape->fields[i].optional && in[i].text == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_body body;
    const struct json_shape *shape = &shapes[size % 2];
    struct json_value in[JSON_FIELDS_MAX];
    char field[JSON_FIELD_NAME_SIZE];
    if (size == 0)
        return 0;
    json_wipe_freed_memory(); /* the tree lies as in the daemon */
    uint8_t *copy = fuzz_copy(data, size);
    if (json_read((const char *)copy, size, shape, &body, in, field) == CC_OK)
        check_shape(shape, in);
    json_body_done(&body);
    free(copy);
    return 0;
}
