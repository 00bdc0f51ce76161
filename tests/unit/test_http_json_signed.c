/* SPDX-License-Identifier: EUPL-1.2 */
/* The canonical form of RFC 8785, and a signature that covers each bit of it. */
#include "base/buf.h"
#include "base/hex.h"
#include "http/json_canonical.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 3000, DOCUMENTS = 1000 };

static struct secret_keys *keys;
static uint8_t public_key[SECRET_PUBLIC_BYTES];
static char public_hex[2 * SECRET_PUBLIC_BYTES + 1];

static int start(void **state)
{
    static const uint8_t master[SECRET_KEY_BYTES] = {42};
    (void)state;
    keys = secret_keys_from(master);
    secret_public_key(keys, public_key);
    hex_encode_lower(public_key, sizeof(public_key), public_hex);
    return keys == NULL;
}

static int stop(void **state)
{
    (void)state;
    secret_keys_free(keys);
    return 0;
}

static void test_form(void **state)
{
    static const struct {
        const char *text, *form; /* NULL = it has none */
    } rows[] = {
        {"{}", "{}"},
        {" { \"b\" : 1 ,\r\n\"a\":[ true , null,false ] } ", "{\"a\":[true,null,false],\"b\":1}"},
        {"{\"a\":{\"z\":0,\"y\":-12},\"B\":\"\"}", "{\"B\":\"\",\"a\":{\"y\":-12,\"z\":0}}"},
        {"{\"a\":\"\\u00f1\\u20ac\\/\\u007f\"}", "{\"a\":\"ñ€/\x7f\"}"},
        {"{\"a\":\"\\u0008\\u0009\\u000A\\u000c\\u000D\\u001F\\\"\\\\\"}",
         "{\"a\":\"\\b\\t\\n\\f\\r\\u001f\\\"\\\\\"}"},
        {"{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"😀\"}"},
        {"{\"a\":-0}", "{\"a\":0}"},
        {"{\"a\":9007199254740991}", "{\"a\":9007199254740991}"},
        {"{\"a\":9007199254740992}", NULL},
        {"{\"a\":1.0}", NULL},
        {"{\"a\":1e2}", NULL},
        {"{\"a\":01}", NULL},
        {"{\"a\":1,\"a\":1}", NULL},
        {"{\"a\":1,\"\\u0061\":1}", NULL},
        {"{\"ñ\":1}", NULL},
        {"{\"a\":\"\\ud800\"}", NULL},
        {"{\"a\":\"\xFF\"}", NULL},
        {"{\"a\":1}x", NULL},
        {"[1]", NULL},
        {"\xEF\xBB\xBF{}", NULL},
        {"{\"a\":[[[[[[[[[1]]]]]]]]]}", NULL},
    };
    char storage[TEXT_SIZE];
    struct buf out;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        buf_init(&out, storage, sizeof(storage) - 1);
        enum cc_err err = json_canonical(rows[i].text, strlen(rows[i].text), &out);
        storage[out.len] = '\0';
        if ((err == CC_OK) != (rows[i].form != NULL))
            fail_msg("%s: %s", rows[i].text, err_token(err));
        if (err == CC_OK)
            assert_string_equal(storage, rows[i].form);
    }
}

/* A text that a name or an address may have, and some that none has. */
static void put_random_text(struct buf *out)
{
    static const char *const pieces[] = {
        "a",    "Z", "9", " ", "ñ",    "Í",       "ç",
        "·",    "€", "😀", "/", "\\\"", "\\\\",    "\\n",
        "\x7f", "'", "<", "&", "\\t",  "\\u001f", "{\\\"firma\\\":"};
    for (uint32_t count = secret_random_below(20); count > 0; count--)
        buf_str(out, pieces[secret_random_below(sizeof(pieces) / sizeof(pieces[0]))]);
}

/* A document with its signature, in canonical form; its length. */
static size_t make_document(char out[TEXT_SIZE], const char *named_key)
{
    uint8_t signature[SECRET_SIGNATURE_BYTES];
    char body[TEXT_SIZE], hex[2 * SECRET_SIGNATURE_BYTES + 1];
    struct buf text, form;
    buf_init(&text, body, sizeof(body));
    buf_fmt(&text, "{\"clave_publica\":\"%s\",\"sms\":[%u,null],\"persona\":{\"nombre\":\"",
            named_key, (unsigned)secret_random_below(1000000));
    put_random_text(&text);
    buf_str(&text, "\",\"apellido1\":\"");
    put_random_text(&text);
    buf_str(&text, "\"}}");
    buf_init(&form, out, TEXT_SIZE);
    assert_int_equal(json_canonical(body, text.len, &form), CC_OK);
    secret_sign(keys, form.data, form.len, signature);
    hex_encode_lower(signature, sizeof(signature), hex);
    text.len--;
    buf_fmt(&text, ",\"firma\":\"%s\"}", hex);
    buf_init(&form, out, TEXT_SIZE);
    assert_int_equal(json_canonical(body, text.len, &form), CC_OK);
    return form.len;
}

static void test_documents(void **state)
{
    char text[TEXT_SIZE];
    (void)state;
    for (int i = 0; i < DOCUMENTS; i++) {
        size_t len = make_document(text, public_hex);
        enum cc_err err = json_signed_check(text, len, public_key);
        if (err != CC_OK)
            fail_msg("%.*s: %s", (int)len, text, err_token(err));
        text[secret_random_below((uint32_t)len)] ^= (char)(1 << secret_random_below(8));
        assert_int_not_equal(json_signed_check(text, len, public_key), CC_OK);
    }
}

static void test_each_bit(void **state)
{
    char text[TEXT_SIZE];
    size_t len = make_document(text, public_hex);
    (void)state;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        text[bit / 8] ^= (char)(1 << bit % 8);
        assert_int_not_equal(json_signed_check(text, len, public_key), CC_OK);
        text[bit / 8] ^= (char)(1 << bit % 8);
    }
    for (size_t shorter = 0; shorter < len; shorter++)
        assert_int_not_equal(json_signed_check(text, shorter, public_key), CC_OK);
    assert_int_equal(json_signed_check(text, len, public_key), CC_OK);
}

/* A parser reads these as the same object, or as one that could be taken for it. */
static void test_tricks(void **state)
{
    static const struct {
        const char *of, *by;
    } rows[] = {
        {"{\"clave_publica\"", "{ \"clave_publica\""},
        {"{\"clave_publica\"", "{\"Clave_publica\":1,\"clave_publica\""},
        {"{\"clave_publica\"", "{\"\\u0063lave_publica\""},
        {"\"persona\":{", "\"persona\":{},\"persona\":{"},
        {"\"persona\":{", "\"persona\":{\"a\":1,"},
        {"null]", "null ]"},
        {"null]", "null]\n"},
        {"null]", "null,null]"},
        {",null]", ".0,null]"},
        {",null]", "e0,null]"},
        {"\"firma\"", "\"firma\":\"\",\"firma\""},
        {"\"firma\"", "\"zirma\""},
        {"\"firma\":\"", "\"firma\":\" "},
        {"\"firma\":\"", "\"firma\":\"00"},
    };
    char text[TEXT_SIZE], changed[TEXT_SIZE];
    size_t len = make_document(text, public_hex);
    (void)state;
    text[len] = '\0';
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *at = strstr(text, rows[i].of);
        assert_non_null(at);
        int count = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text,
                             rows[i].by, at + strlen(rows[i].of));
        if (json_signed_check(changed, (size_t)count, public_key) == CC_OK)
            fail_msg("%s is taken for the same", rows[i].by);
    }
    char *signature = strstr(text, "\"firma\":\"") + strlen("\"firma\":\"");
    for (int i = 0; i < 2 * SECRET_SIGNATURE_BYTES; i++)
        if (signature[i] >= 'a')
            signature[i] = (char)(signature[i] - 'a' + 'A');
    assert_int_equal(json_signed_check(text, len, public_key), CC_ERR_CORRUPT);
}

static void test_other_keys(void **state)
{
    uint8_t other[SECRET_PUBLIC_BYTES];
    char text[TEXT_SIZE], hex[2 * SECRET_PUBLIC_BYTES + 1];
    size_t len = make_document(text, public_hex);
    (void)state;
    memcpy(other, public_key, sizeof(other));
    other[31] ^= 1;
    assert_int_equal(json_signed_check(text, len, other), CC_ERR_KEY_WRONG);
    hex_encode_lower(other, sizeof(other), hex); /* the document names the other key */
    len = make_document(text, hex);
    assert_int_not_equal(json_signed_check(text, len, other), CC_OK);
    assert_int_equal(json_signed_check(text, len, public_key), CC_ERR_KEY_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),       cmocka_unit_test(test_documents),
        cmocka_unit_test(test_each_bit),   cmocka_unit_test(test_tricks),
        cmocka_unit_test(test_other_keys),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
