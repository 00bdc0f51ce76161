/* SPDX-License-Identifier: EUPL-1.2 */
/* The short way through a body: what it takes, and that the library never reads it otherwise. */
#include "http/json_plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static const struct json_shape shape = {
    .count = 3,
    .fields = {{"nif", .max_bytes = 9},
               {"clave", .max_bytes = 8},
               {"idioma", .optional = true, .max_bytes = 4}},
};

#define TWO "{\"nif\":\"12345678Z\",\"clave\":\"0481\"}"
#define THREE " {\t\"clave\" :\n\"~ {}[]:,\" , \"idioma\":\"ca\",\"nif\":\"\"}\r\n"
#define SPACES_50 "                                                  "
#define SPACES_200 SPACES_50 SPACES_50 SPACES_50 SPACES_50

static void test_what_is_plain(void **state)
{
    static const struct {
        const char *body;
        bool plain;
    } rows[] = {
        {TWO, true},
        {THREE, true},
        {TWO SPACES_200, true},
        {TWO SPACES_200 SPACES_50, false},
        {"", false},
        {"{", false},
        {"{}", false},
        {"[]", false},
        {"{\"nif\":\"1\"}", false},
        {"{\"nif\":\"1\",\"clave\":\"2\"", false},
        {"{\"nif\":\"1\",\"clave\":\"2", false},
        {"{\"nif\":\"1\",\"clave\":\"2\",}", false},
        {"{\"nif\":\"1\" \"clave\":\"2\"}", false},
        {"{\"nif\":\"1\",\"clave\":\"2\"}x", false},
        {"{\"nif\":\"1\",\"clave\":2}", false},
        {"{\"nif\":\"1\",\"clave\":null}", false},
        {"{\"nif\":\"1\",\"clave\":{\"clave\":\"2\"}}", false},
        {"{\"nif\":\"1\",\"nif\":\"1\",\"clave\":\"2\"}", false},
        {"{\"nif\":\"1\",\"clave\":\"2\",\"ni\":\"3\"}", false},
        {"{\"nif\":\"1\",\"clave\":\"2\",\"nifs\":\"3\"}", false},
        {"{\"nif\":\"1\",\"clave\":\"2\",\"\":\"3\"}", false},
        {"{\"nif\":\"1\",\"clave\":\"123456789\"}", false},
        {"{\"nif\":\"\\u0031\",\"clave\":\"2\"}", false},
        {"{\"nif\":\"\xC3\xB1\",\"clave\":\"2\"}", false},
        {"{\"nif\":\"\x7F\",\"clave\":\"2\"}", false},
        {"{\"nif\":\"\x1F\",\"clave\":\"2\"}", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char storage[JSON_PLAIN_MAX];
        struct json_text in[JSON_FIELDS_MAX];
        const char *body = rows[i].body;
        if (json_plain_read(body, strlen(body), &shape, storage, in) != rows[i].plain)
            fail_msg("row %zu: %s", i, body);
    }
}

static void test_texts(void **state)
{
    char storage[JSON_PLAIN_MAX];
    struct json_text in[JSON_FIELDS_MAX];
    (void)state;
    assert_true(json_plain_read(THREE, strlen(THREE), &shape, storage, in));
    assert_string_equal(in[0].text, "");
    assert_string_equal(in[1].text, "~ {}[]:,");
    assert_int_equal(in[1].len, 8);
    assert_string_equal(in[2].text, "ca");
    assert_true(json_plain_read(TWO, strlen(TWO), &shape, storage, in));
    assert_string_equal(in[0].text, "12345678Z");
    assert_null(in[2].text);
}

/* Whatever the short way takes, the library takes too, with the same members and texts. */
static bool agrees(const char *body, size_t len)
{
    char storage[JSON_PLAIN_MAX];
    struct json_text in[JSON_FIELDS_MAX];
    size_t members = 0;
    if (!json_plain_read(body, len, &shape, storage, in))
        return true;
    json_t *tree = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
    bool same = tree != NULL;
    for (size_t i = 0; same && i < shape.count; i++) {
        const json_t *value = json_object_get(tree, shape.fields[i].name);
        members += value != NULL;
        if (value == NULL || in[i].text == NULL)
            same = value == NULL && in[i].text == NULL;
        else
            same = json_string_length(value) == in[i].len &&
                   memcmp(json_string_value(value), in[i].text, in[i].len + 1) == 0;
    }
    same = same && json_object_size(tree) == members;
    json_decref(tree);
    return same;
}

/* Every byte of two bodies cut off, left out, doubled, and replaced by every other. */
static void test_it_never_reads_otherwise(void **state)
{
    static const char *const bodies[] = {TWO, THREE};
    (void)state;
    for (size_t b = 0; b < sizeof(bodies) / sizeof(bodies[0]); b++) {
        size_t len = strlen(bodies[b]);
        for (size_t at = 0; at < len; at++) {
            char text[128];
            assert_true(agrees(bodies[b], at));
            memcpy(text, bodies[b], at);
            memcpy(text + at, bodies[b] + at + 1, len - at - 1);
            assert_true(agrees(text, len - 1));
            memcpy(text + at, bodies[b] + at, 1);
            memcpy(text + at + 1, bodies[b] + at, len - at);
            assert_true(agrees(text, len + 1));
            memcpy(text, bodies[b], len);
            for (unsigned byte = 0; byte < 256; byte++) {
                text[at] = (char)(uint8_t)byte;
                if (!agrees(text, len))
                    fail_msg("body %zu, byte %zu: %02x", b, at, byte);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_plain),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_it_never_reads_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
