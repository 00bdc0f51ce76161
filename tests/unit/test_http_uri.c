/* SPDX-License-Identifier: EUPL-1.2 */
/* Escapes of a path's parameters, and queries against a shape. */
#include "http/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void test_escapes(void **state)
{
    static const struct {
        const char *text, *decoded;
        enum cc_err err;
    } rows[] = {
        {"", "", CC_OK},
        {"principal", "principal", CC_OK},
        {"a%20b", "a b", CC_OK},
        {"a+b", "a+b", CC_OK},
        {"%C3%B1%c3%b1", "\xC3\xB1\xC3\xB1", CC_OK},
        {"\xC3\xB1", "\xC3\xB1", CC_OK},
        {"%2F%25", "/%", CC_OK},
        {"12345678", "12345678", CC_ERR_FIELD_LENGTH}, /* eight and the end do not fit in 8 */
        {"%", "", CC_ERR_QUERY_FORMAT},
        {"%4", "", CC_ERR_QUERY_FORMAT},
        {"%4g", "", CC_ERR_QUERY_FORMAT},
        {"a%00b", "", CC_ERR_QUERY_FORMAT},
        {"a%0Ab", "", CC_ERR_QUERY_FORMAT},
        {"a\tb", "", CC_ERR_QUERY_FORMAT},
        {"%7F", "", CC_ERR_QUERY_FORMAT},
        {"%F1", "", CC_ERR_QUERY_FORMAT},
        {"%C0%AF", "", CC_ERR_QUERY_FORMAT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[10];
        size_t len = 0, cap = rows[i].err == CC_ERR_FIELD_LENGTH ? 8 : sizeof(out);
        enum cc_err err = uri_decode(rows[i].text, strlen(rows[i].text), out, cap, &len);
        if (err != rows[i].err || (err == CC_OK && strcmp(out, rows[i].decoded) != 0) ||
            (err == CC_OK && len != strlen(rows[i].decoded)))
            fail_msg("row %zu: %s: %s", i, rows[i].text, err_token(err));
    }
}

static const struct json_shape shape = {
    .fields = {{"desde", .max_bytes = 8},
               {"nombre", .optional = true, .max_bytes = 4},
               {"limite", JSON_KIND_INTEGER, .optional = true, .min = -5, .max = 50}},
};

#define SECRET "98765432X"

static void test_queries(void **state)
{
    static const struct {
        const char *pairs[3][2];
        enum cc_err err;
        const char *field;
    } rows[] = {
        {{{"desde", "1"}}, CC_OK, ""},
        {{{"nombre", "%C3%B1"}, {"desde", NULL}}, CC_OK, ""},
        {{{NULL}}, CC_ERR_FIELD_MISSING, "desde"},
        {{{"nombre", "a"}}, CC_ERR_FIELD_MISSING, "desde"},
        {{{"desde", "1"}, {"hasta", "2"}}, CC_ERR_FIELD_UNKNOWN, "hasta"},
        {{{"desde", "1"}, {SECRET, "2"}}, CC_ERR_FIELD_UNKNOWN, ""},
        {{{"desde", "1"}, {"desde", "1"}}, CC_ERR_JSON_DUPLICATE, "desde"},
        {{{"desde", "123456789"}}, CC_ERR_FIELD_LENGTH, "desde"},
        {{{"desde", "1"}, {"nombre", "%C3%B1%C3%B1a"}}, CC_ERR_FIELD_LENGTH, "nombre"},
        {{{"desde", "%"}}, CC_ERR_QUERY_FORMAT, "desde"},
        {{{"desde", "1"}, {"limite", "50"}}, CC_OK, ""},
        {{{"desde", "1"}, {"limite", "-5"}}, CC_OK, ""},
        {{{"desde", "1"}, {"limite", "51"}}, CC_ERR_RANGE, "limite"},
        {{{"desde", "1"}, {"limite", "-6"}}, CC_ERR_RANGE, "limite"},
        {{{"desde", "1"}, {"limite", ""}}, CC_ERR_RANGE, "limite"},
        {{{"desde", "1"}, {"limite", "1x"}}, CC_ERR_RANGE, "limite"},
        {{{"desde", "1"}, {"limite", "9999999999999999999"}}, CC_ERR_RANGE, "limite"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json_value in[JSON_FIELDS_MAX];
        struct uri_query query;
        char field[JSON_FIELD_NAME_SIZE] = "untouched";
        uri_query_begin(&query, &shape, in, field);
        for (size_t p = 0; p < 3 && rows[i].pairs[p][0] != NULL; p++)
            uri_query_add(&query, rows[i].pairs[p][0], rows[i].pairs[p][1]);
        enum cc_err err = uri_query_end(&query);
        if (err != rows[i].err || strcmp(field, rows[i].field) != 0)
            fail_msg("row %zu: %s \"%s\"", i, err_token(err), field);
    }
}

static void test_texts_of_a_query(void **state)
{
    struct json_value in[JSON_FIELDS_MAX];
    struct uri_query query;
    char field[JSON_FIELD_NAME_SIZE];
    (void)state;
    uri_query_begin(&query, &shape, in, field);
    uri_query_add(&query, "nombre", "%C3%B1");
    uri_query_add(&query, "desde", NULL);
    uri_query_add(&query, "limite", "%2D3");
    assert_int_equal(uri_query_end(&query), CC_OK);
    assert_string_equal(in[0].text, "");
    assert_string_equal(in[1].text, "\xC3\xB1");
    assert_int_equal(in[1].len, 2);
    assert_int_equal(in[2].number, -3);
}

/* A query of many parameters without a value fills its room to the last byte, and not beyond. */
static void test_a_query_that_is_full(void **state)
{
    char letters[URI_QUERY_MAX] = "", guard[1] = {'x'}, field[JSON_FIELD_NAME_SIZE];
    struct json_value in[JSON_FIELDS_MAX];
    struct uri_query query;
    size_t len = 7;
    const struct json_shape wide = {.fields = {{"uno", .max_bytes = sizeof(letters)},
                                               {"dos", .optional = true, .max_bytes = 1}}};
    (void)state;
    assert_int_equal(uri_decode("", 0, guard, 0, &len), CC_ERR_FIELD_LENGTH);
    assert_int_equal(guard[0], 'x');
    memset(letters, 'a', sizeof(letters) - 1);
    uri_query_begin(&query, &wide, in, field);
    uri_query_add(&query, "uno", letters);
    assert_int_equal(query.err, CC_OK);
    uri_query_add(&query, "dos", "");
    assert_int_equal(uri_query_end(&query), CC_ERR_FIELD_LENGTH);
    assert_string_equal(field, "dos");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_texts_of_a_query),
        cmocka_unit_test(test_a_query_that_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
