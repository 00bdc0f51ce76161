/* SPDX-License-Identifier: EUPL-1.2 */
/* http/json, http/json_plain: a body is read or refused; with the parser and without it the answer
   is the same, and what is read keeps the bounds of its shape. */
#include "fuzz.h"

#include "http/json.h"

static const struct json_shape street = {
    .count = 2,
    .fields = {{"calle", .max_bytes = 5},
               {"n", JSON_KIND_INTEGER, .optional = true, .min = 1, .max = 99}}};
static const struct json_shape shapes[] = {
    {.count = 3,
     .fields = {{"nif", .max_bytes = 9},
                {"clave", .max_bytes = 4},
                {"idioma", .optional = true, .max_bytes = 300}}},
    {.count = 6,
     .fields = {{"x", .optional = true, .max_bytes = 8},
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
    for (size_t i = 0; i < shape->count; i++)
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

/* Behind so many spaces the parser reads every body. */
static void read_again(const struct json_shape *shape, const uint8_t *data, size_t size,
                       enum cc_err err, const struct json_value *in, const char *field)
{
    static struct json_body body;
    struct json_value again[JSON_FIELDS_MAX];
    char its_field[JSON_FIELD_NAME_SIZE];
    char *padded = malloc(size + JSON_PLAIN_MAX);
    REQUIRE(padded != NULL);
    memset(padded, ' ', JSON_PLAIN_MAX);
    memcpy(padded + JSON_PLAIN_MAX, data, size);
    REQUIRE(json_read(padded, size + JSON_PLAIN_MAX, shape, &body, again, its_field) == err);
    REQUIRE(strcmp(field, its_field) == 0);
    for (size_t i = 0; err == CC_OK && i < shape->count; i++) {
        REQUIRE(in[i].is_given == again[i].is_given && in[i].len == again[i].len);
        REQUIRE((in[i].text == NULL) == (again[i].text == NULL));
        REQUIRE(in[i].text == NULL || memcmp(in[i].text, again[i].text, in[i].len + 1) == 0);
        REQUIRE(in[i].number == again[i].number && in[i].count == again[i].count);
    }
    json_body_done(&body);
    free(padded);
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
    enum cc_err err = json_read((const char *)copy, size, shape, &body, in, field);
    if (err == CC_OK)
        check_shape(shape, in);
    read_again(shape, copy, size, err, in, field);
    json_body_done(&body);
    free(copy);
    return 0;
}
