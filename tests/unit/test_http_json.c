/* SPDX-License-Identifier: EUPL-1.2 */
/* Bodies against a shape, and answers written: each row a text and what becomes of it. */
#include "http/json.h"
#include "http/json_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const struct json_shape shape = {
    .fields = {{"nif", .max_bytes = 9},
               {"clave", .max_bytes = 8},
               {"idioma", .optional = true, .max_bytes = 4}},
};

#define SECRET "98765432X"

struct row {
    const char *body;
    enum cc_err err;
    const char *field;
};

static const struct row rows[] = {
    {"{\"nif\":\"1\",\"clave\":\"0481\"}", CC_OK, ""},
    {" {\n\"clave\" : \"0481\" , \"idioma\":\"ca\",\"nif\":\"\"}\r\n", CC_OK, ""},
    {"{\"nif\":\"\\u00f1\",\"clave\":\"12345678\"}", CC_OK, ""},
    /* not a JSON object */
    {"", CC_ERR_JSON_SYNTAX, ""},
    {"   ", CC_ERR_JSON_SYNTAX, ""},
    {"null", CC_ERR_JSON_SYNTAX, ""},
    {"\"nif\"", CC_ERR_JSON_SYNTAX, ""},
    {"[]", CC_ERR_JSON_SYNTAX, ""},
    {"[{\"nif\":\"1\",\"clave\":\"2\"}]", CC_ERR_JSON_SYNTAX, ""},
    {"{\"nif\":\"1\",\"clave\":\"2\"", CC_ERR_JSON_SYNTAX, ""},
    {"{\"nif\":\"1\",\"clave\":\"2\",}", CC_ERR_JSON_SYNTAX, ""},
    {"{\"nif\":\"1\",\"clave\":\"2\"} x", CC_ERR_JSON_SYNTAX, ""},
    {"{\"nif\":\"1\",\"clave\":\"2\"}{}", CC_ERR_JSON_SYNTAX, ""},
    {"{'nif':'1','clave':'2'}", CC_ERR_JSON_SYNTAX, ""},
    {"{nif:\"1\",clave:\"2\"}", CC_ERR_JSON_SYNTAX, ""},
    {"{\"nif\":\"1\",\"clave\":0481}", CC_ERR_JSON_SYNTAX, ""},
    {"{\"nif\":\"a\nb\",\"clave\":\"2\"}", CC_ERR_JSON_SYNTAX, ""},
    {"{\"nif\":\"a\\u0000b\",\"clave\":\"2\"}", CC_ERR_JSON_SYNTAX, ""},
    {"{\"nif\":\"\\ud800\",\"clave\":\"2\"}", CC_ERR_JSON_SYNTAX, ""},
    {"\xEF\xBB\xBF{\"nif\":\"1\",\"clave\":\"2\"}", CC_ERR_JSON_SYNTAX, ""},
    {"nif=1&clave=2", CC_ERR_JSON_SYNTAX, ""},
    /* encoding */
    {"{\"nif\":\"\xF1\",\"clave\":\"2\"}", CC_ERR_JSON_UTF8, ""},
    {"{\"nif\":\"\xC0\xAF\",\"clave\":\"2\"}", CC_ERR_JSON_UTF8, ""},
    {"{\"nif\":\"\xED\xA0\x80\",\"clave\":\"2\"}", CC_ERR_JSON_UTF8, ""},
    {"{\"\xFF\":\"1\"}", CC_ERR_JSON_UTF8, ""},
    /* duplicates, also by an escape and of a name that is not ours */
    {"{\"nif\":\"1\",\"clave\":\"2\",\"nif\":\"1\"}", CC_ERR_JSON_DUPLICATE, "nif"},
    {"{\"clave\":\"1\",\"nif\":\"2\",\"clave\" :\"1\"}", CC_ERR_JSON_DUPLICATE, "clave"},
    {"{\"nif\":\"1\",\"clave\":\"2\",\"n\\u0069f\":\"1\"}", CC_ERR_JSON_DUPLICATE, ""},
    {"{\"" SECRET "\":\"1\",\"" SECRET "\":\"1\"}", CC_ERR_JSON_DUPLICATE, ""},
    /* fields, in the order of the checks */
    {"{\"nif\":\"1\",\"clave\":\"2\",\"movil\":\"3\"}", CC_ERR_FIELD_UNKNOWN, "movil"},
    {"{\"nif\":1,\"movil\":\"3\"}", CC_ERR_FIELD_UNKNOWN, "movil"},
    {"{\"nif\":\"1\",\"clave\":\"2\",\"Nif\":\"3\"}", CC_ERR_FIELD_UNKNOWN, ""},
    {"{\"nif\":\"1\",\"clave\":\"2\",\"" SECRET "\":\"3\"}", CC_ERR_FIELD_UNKNOWN, ""},
    {"{\"nif\":\"1\",\"clave\":\"2\",\"\":\"3\"}", CC_ERR_FIELD_UNKNOWN, ""},
    {"{}", CC_ERR_FIELD_MISSING, "nif"},
    {"{\"nif\":1}", CC_ERR_FIELD_MISSING, "clave"},
    {"{\"idioma\":\"es\",\"nif\":\"1\"}", CC_ERR_FIELD_MISSING, "clave"},
    {"{\"nif\":\"1\",\"clave\":1234}", CC_ERR_FIELD_TYPE, "clave"},
    {"{\"nif\":\"123456789012\",\"clave\":1234}", CC_ERR_FIELD_TYPE, "clave"},
    {"{\"nif\":null,\"clave\":\"1\"}", CC_ERR_FIELD_TYPE, "nif"},
    {"{\"nif\":true,\"clave\":\"1\"}", CC_ERR_FIELD_TYPE, "nif"},
    {"{\"nif\":[\"1\"],\"clave\":\"1\"}", CC_ERR_FIELD_TYPE, "nif"},
    {"{\"nif\":{\"nif\":\"1\"},\"clave\":\"1\"}", CC_ERR_FIELD_TYPE, "nif"},
    {"{\"nif\":\"1\",\"clave\":\"1\",\"idioma\":null}", CC_ERR_FIELD_TYPE, "idioma"},
    {"{\"nif\":\"1234567890\",\"clave\":\"1\"}", CC_ERR_FIELD_LENGTH, "nif"},
    {"{\"nif\":\"1\",\"clave\":\"\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\xC3\xB1\"}", CC_ERR_FIELD_LENGTH,
     "clave"},
    {"{\"nif\":\"1\",\"clave\":\"1\",\"idioma\":\"es_ES\"}", CC_ERR_FIELD_LENGTH, "idioma"},
};

static void check_body(const struct row *row, const struct json_shape *wanted)
{
    struct json_value in[JSON_FIELDS_MAX];
    char field[JSON_FIELD_NAME_SIZE] = "untouched";
    struct json_body body;
    enum cc_err err = json_read(row->body, strlen(row->body), wanted, &body, in, field);
    if (err != row->err || strcmp(field, row->field) != 0)
        fail_msg("%s: %s \"%s\", not %s \"%s\"", row->body, err_token(err), field,
                 err_token(row->err), row->field);
    json_body_done(&body);
}

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_body(&rows[i], &shape);
}

static void test_texts_arrive_whole(void **state)
{
    static const char body[] = "{\"clave\":\"0481\",\"nif\":\"\\u00d1\\\"\\\\\"}";
    struct json_value in[JSON_FIELDS_MAX];
    char field[JSON_FIELD_NAME_SIZE];
    struct json_body read;
    (void)state;
    assert_int_equal(json_read(body, sizeof(body) - 1, &shape, &read, in, field), CC_OK);
    assert_string_equal(in[0].text, "\xC3\x91\"\\");
    assert_int_equal(in[0].len, 4);
    assert_string_equal(in[1].text, "0481");
    assert_null(in[2].text);
    json_body_done(&read);
}

static void test_no_body_at_all(void **state)
{
    struct json_value in[JSON_FIELDS_MAX];
    char field[JSON_FIELD_NAME_SIZE];
    struct json_body read;
    (void)state;
    assert_int_equal(json_read(NULL, 0, &shape, &read, in, field), CC_ERR_JSON_SYNTAX);
    json_body_done(&read);
}

/* A hostile nest must neither be taken nor overflow the stack. */
static void test_deep_nesting(void **state)
{
    static char body[16384];
    struct json_value in[JSON_FIELDS_MAX];
    char field[JSON_FIELD_NAME_SIZE];
    struct json_body read;
    (void)state;
    memset(body, '[', sizeof(body));
    assert_int_equal(json_read(body, sizeof(body), &shape, &read, in, field), CC_ERR_JSON_SYNTAX);
    json_body_done(&read);
}

/* ---- the other kinds of value -------------------------------------------------------------- */

static const struct json_shape typed_shape = {
    .fields = {{"id", JSON_KIND_INTEGER, .min = -2, .max = 100},
               {"activo", JSON_KIND_BOOLEAN, .optional = true}},
};

static void test_kinds(void **state)
{
    static const struct row kinds[] = {
        {"{\"id\":1}", CC_OK, ""},
        {"{\"id\":-2,\"activo\":false}", CC_OK, ""},
        {"{\"id\":\"1\"}", CC_ERR_FIELD_INTEGER, "id"},
        {"{\"id\":1.0}", CC_ERR_FIELD_INTEGER, "id"},
        {"{\"id\":null}", CC_ERR_FIELD_INTEGER, "id"},
        {"{\"id\":101}", CC_ERR_RANGE, "id"},
        {"{\"id\":-3}", CC_ERR_RANGE, "id"},
        {"{\"id\":99999999999999999999}", CC_ERR_JSON_SYNTAX, ""},
        {"{\"id\":1,\"activo\":\"si\"}", CC_ERR_FIELD_BOOLEAN, "activo"},
        {"{\"id\":1,\"activo\":0}", CC_ERR_FIELD_BOOLEAN, "activo"},
        {"{\"id\":[1]}", CC_ERR_FIELD_INTEGER, "id"},
        {"{\"id\":1,\"activo\":{}}", CC_ERR_FIELD_BOOLEAN, "activo"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        check_body(&kinds[i], &typed_shape);
}

static void test_values_arrive_whole(void **state)
{
    static const char body[] = "{\"activo\":true,\"id\":42}";
    struct json_value in[JSON_FIELDS_MAX];
    char field[JSON_FIELD_NAME_SIZE];
    struct json_body read;
    (void)state;
    assert_int_equal(json_read(body, sizeof(body) - 1, &typed_shape, &read, in, field), CC_OK);
    assert_int_equal(in[0].number, 42);
    assert_true(in[1].is_given && in[1].flag);
    json_body_done(&read);
}

static void test_texts_written(void **state)
{
    static const struct {
        const char *text;
        const char *json;
    } texts[] = {
        {"", "\"\""},
        {"Mar\xC3\xAD"
         "a",
         "\"Mar\xC3\xAD"
         "a\""},
        {"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
        {"\x01\n\t\x1F", "\"\\u0001\\u000a\\u0009\\u001f\""},
        {"\xFFok\xC3", "\"\\ufffdok\\ufffd\""},
        {"{", "\"{\""},
        {"[", "\"[\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char storage[64];
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        json_put_text(&out, NULL, texts[i].text);
        if (strcmp(buf_cstr(&out), texts[i].json) != 0)
            fail_msg("row %zu: %s", i, storage);
    }
}

static void test_structure_written(void **state)
{
    char storage[256];
    struct buf out;
    (void)state;
    buf_init(&out, storage, sizeof(storage));
    json_open(&out, NULL, '{');
    json_put_text(&out, "a", "[");
    json_put_int(&out, "b", INT64_MIN);
    json_open(&out, "c", '[');
    json_open(&out, NULL, '{');
    json_put_bool(&out, "d", true);
    json_put_bool(&out, "e", false);
    json_close(&out, '}');
    json_open(&out, NULL, '{');
    json_close(&out, '}');
    json_close(&out, ']');
    json_put_null(&out, "f");
    json_put_utc(&out, "g", 1795482000000);
    json_put_utc_or_null(&out, "h", 0);
    json_put_tenths(&out, "i", -105);
    json_put_tenths(&out, "j", -5);
    json_put_tenths(&out, "k", INT_MIN);
    json_put_int_if(&out, "l", true, 7);
    json_put_int_if(&out, "m", false, 7);
    json_put_bool_if(&out, "n", true, false);
    json_put_bool_if(&out, "o", false, true);
    json_close(&out, '}');
    assert_string_equal(buf_cstr(&out),
                        "{\"a\":\"[\",\"b\":-9223372036854775808,\"c\":[{\"d\":true,"
                        "\"e\":false},{}],\"f\":null,\"g\":\"2026-11-24T01:00:00Z\""
                        ",\"h\":null,\"i\":-10.5,\"j\":-0.5,\"k\":-214748364.8"
                        ",\"l\":7,\"m\":null,\"n\":false,\"o\":null}");
}

static void test_overflow_is_seen(void **state)
{
    char storage[8];
    struct buf out;
    (void)state;
    buf_init(&out, storage, sizeof(storage));
    json_put_text(&out, NULL, "0123456789");
    assert_false(buf_ok(&out));
}

/* As in the daemon: small trees lie in one piece, large ones partly, those of others never. */
static void test_memory_is_wiped(void **state)
{
    static const struct json_shape wide = {.fields = {{"texto", .max_bytes = 9000}}};
    static char body[9000];
    struct json_value in[JSON_FIELDS_MAX];
    char field[JSON_FIELD_NAME_SIZE];
    struct json_body read;
    (void)state;
    json_wipe_freed_memory();
    for (size_t len = 1; len < 8000; len += 333) {
        int body_len = snprintf(body, sizeof(body), "{\"texto\":\"%0*d\"}", (int)len, 7);
        assert_int_equal(json_read(body, (size_t)body_len, &wide, &read, in, field), CC_OK);
        json_t *other = json_string("de otros");
        const char *text = in[0].text;
        assert_int_equal(in[0].len, len);
        assert_memory_equal(text, body + strlen("{\"texto\":\""), len);
        json_body_done(&read);
        assert_string_equal(json_string_value(other), "de otros");
        json_decref(other);
        if (len < 1000)
            assert_string_equal(text, "");
    }
    assert_int_equal(json_read("[\"0481\"", 7, &shape, &read, in, field), CC_ERR_JSON_SYNTAX);
    json_body_done(&read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_texts_arrive_whole),
        cmocka_unit_test(test_no_body_at_all),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_values_arrive_whole),
        cmocka_unit_test(test_texts_written),
        cmocka_unit_test(test_structure_written),
        cmocka_unit_test(test_overflow_is_seen),
        cmocka_unit_test(test_memory_is_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
