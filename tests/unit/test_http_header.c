/* SPDX-License-Identifier: EUPL-1.2 */
/* Request headers, end users' addresses and listening addresses: rows of text and verdict. */
#include "http/header.h"
#include "http/language.h"
#include "http/listen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void test_bearer(void **state)
{
    static const struct {
        const char *value;
        const char *token; /* NULL = refused */
    } rows[] = {
        {"Bearer cc_abc-DEF_123", "cc_abc-DEF_123"},
        {"bearer x", "x"},
        {"BEARER   x", "x"},
        {"Bearer\tx", "x"},
        {"Bearer x ", "x"},
        {"Bearer a.b~c+d/e==", "a.b~c+d/e=="},
        {"Bearer " HUNDRED, HUNDRED},
        {"Bearer " HUNDRED HUNDRED, NULL},
        {NULL, NULL},
        {"", NULL},
        {"Bearer", NULL},
        {"Bearer ", NULL},
        {"Bearerx", NULL},
        {"Bearer =", "="},
        {"Bearer x y", NULL},
        {"Bearer x,y", NULL},
        {"Bearer x=y", NULL},
        {"Bearer \"x\"", NULL},
        {"Bearer \xC3\xB1", NULL},
        {"Basic dXNlcjpwYXNz", NULL},
        {" Bearer x", NULL},
        {"x", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *token = NULL;
        size_t len = 0;
        bool taken = header_bearer(rows[i].value, &token, &len);
        if (taken != (rows[i].token != NULL))
            fail_msg("%s: taken %d", rows[i].value, taken);
        if (taken && (len != strlen(rows[i].token) || memcmp(token, rows[i].token, len) != 0))
            fail_msg("%s: another token", rows[i].value);
        assert_true(taken || token == NULL);
    }
}

static void test_content_type(void **state)
{
    static const struct {
        const char *value;
        bool taken;
    } rows[] = {
        {"application/json", true},
        {"Application/JSON", true},
        {"application/json ", true},
        {"application/json;charset=utf-8", true},
        {"application/json; charset=UTF-8", true},
        {"application/json ;  charset=\"utf-8\" ", true},
        {NULL, false},
        {"", false},
        {"application/jsonx", false},
        {"application/json-patch+json", false},
        {"application/problem+json", false},
        {"application/json;", false},
        {"application/json; charset=latin1", false},
        {"application/json; charset=utf-16", false},
        {"application/json; charset=utf-8; x=y", false},
        {"application/json, text/plain", false},
        {"text/plain", false},
        {"application/x-www-form-urlencoded", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (header_is_json(rows[i].value) != rows[i].taken)
            fail_msg("%s: taken %d", rows[i].value, !rows[i].taken);
    }
}

static void test_idempotency_key(void **state)
{
    static const struct {
        const char *value;
        bool taken;
    } rows[] = {
        {"x", true},
        {"8e03978e-40d5-43e8-bc93-6894a57f9324", true},
        {"!~\"", true},
        {HUNDRED TEN TEN "01234567", true},
        {HUNDRED TEN TEN "012345678", false},
        {NULL, false},
        {"", false},
        {"a b", false},
        {"a\tb", false},
        {"\x7F", false},
        {"ma\xC3\xB1"
         "ana",
         false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (header_is_key(rows[i].value) != rows[i].taken)
            fail_msg("%s: taken %d", rows[i].value, !rows[i].taken);
    }
}

static void test_listen_address(void **state)
{
    static const struct {
        const char *spec;
        int family; /* AF_UNSPEC = refused */
        unsigned port;
    } rows[] = {
        {"127.0.0.1:8024", AF_INET, 8024},
        {"127.1.2.3:0", AF_INET, 0},
        {"[::1]:65535", AF_INET6, 65535},
        /* off the loopback there is no TLS */
        {"0.0.0.0:8024", AF_UNSPEC, 0},
        {"192.168.1.10:8024", AF_UNSPEC, 0},
        {"128.0.0.1:8024", AF_UNSPEC, 0},
        {"[::]:8024", AF_UNSPEC, 0},
        {"[2001:db8::1]:8024", AF_UNSPEC, 0},
        {"[::ffff:127.0.0.1]:8024", AF_UNSPEC, 0},
        /* not an address and port */
        {"", AF_UNSPEC, 0},
        {"8024", AF_UNSPEC, 0},
        {":8024", AF_UNSPEC, 0},
        {"localhost:8024", AF_UNSPEC, 0},
        {"127.0.0.1", AF_UNSPEC, 0},
        {"127.0.0.1:", AF_UNSPEC, 0},
        {"127.0.0.1:65536", AF_UNSPEC, 0},
        {"127.0.0.1:100000", AF_UNSPEC, 0},
        {"127.0.0.1:+80", AF_UNSPEC, 0},
        {"127.0.0.1:80x", AF_UNSPEC, 0},
        {"127.0.0.1: 80", AF_UNSPEC, 0},
        {"::1:8024", AF_UNSPEC, 0},
        {"[::1]8024", AF_UNSPEC, 0},
        {"[::1:8024", AF_UNSPEC, 0},
        {"[127.0.0.1]:8024", AF_UNSPEC, 0},
        {"[]:8024", AF_UNSPEC, 0},
        {"[" HUNDRED "]:8024", AF_UNSPEC, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        union listen_address address = {.any = {.sa_family = AF_UNSPEC}};
        enum cc_err err = listen_parse(rows[i].spec, &address);
        if (address.any.sa_family != rows[i].family ||
            err != (rows[i].family == AF_UNSPEC ? CC_ERR_CONFIG : CC_OK))
            fail_msg("%s: %s", rows[i].spec, err_token(err));
        if (err == CC_OK && ntohs(address.v4.sin_port) != rows[i].port)
            fail_msg("%s: port %u", rows[i].spec, ntohs(address.v4.sin_port));
    }
}

static void test_language(void **state)
{
    static const struct {
        const char *accept, *language;
    } rows[] = {
        {NULL, "es"},
        {"", "es"},
        {"eu", "eu"},
        {"EU-ES", "eu"},
        {"ca-ES-valencia, es;q=0.9", "ca"},
        {"fr, de;q=0.9, gl;q=0.2", "gl"},
        {"es;q=0.5, en;q=0.51", "en"},
        {"en;q=0.5, eu;q=0.5", "en"},
        {"en;q=0, ca;q=0.001", "ca"},
        {"en;q=0", "es"},
        {"en ; q=0.1 , eu ;q=0.2", "eu"},
        {"en;x=1;q=0.1, eu;q=0.2", "eu"},
        {"eus, e, euskara, *", "es"},
        {",,;q=1", "es"},
        {"en;q=abc, eu", "en"},
        {"en;q=, eu;q=1", "en"},
        {"en;q=9, eu;q=1.9", "en"},
        {"en;", "en"},
        {";", "es"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *language = language_of_header(rows[i].accept);
        if (strcmp(language, rows[i].language) != 0)
            fail_msg("%s: %s", rows[i].accept, language);
    }
}

static void test_gzip(void **state)
{
    static const struct {
        const char *accept;
        bool takes;
    } rows[] = {
        {NULL, false},
        {"", false},
        {"gzip", true},
        {"GZIP", true},
        {"br, gzip;q=0.1", true},
        {"gzip;q=0", false},
        {"*", true},
        {"*;q=0", false},
        {"*, gzip;q=0", false},
        {"gzip;q=1, *;q=0", true},
        {"x-gzip, gzipped, deflate", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (header_takes_gzip(rows[i].accept) != rows[i].takes)
            fail_msg("%s", rows[i].accept);
    }
}

static void test_tag(void **state)
{
    static const struct {
        const char *header;
        bool has;
    } rows[] = {
        {NULL, false},      {"\"ab\"", true},        {"W/\"ab\"", true}, {"*", true},
        {"\"abc\"", false}, {"\"x\", \"ab\"", true}, {"ab", false},      {"W/", false},
        {"", false},        {"\"a", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (header_has_tag(rows[i].header, "\"ab\"") != rows[i].has)
            fail_msg("%s", rows[i].header);
    }
}

static void test_cookie(void **state)
{
    static const struct {
        const char *header, *value; /* NULL = absent */
    } rows[] = {
        {NULL, NULL},
        {"", NULL},
        {"idioma=eu", "eu"},
        {"a=b; idioma=eu; c=d", "eu"},
        {"idioma=", ""},
        {"idioma", NULL},
        {"xidioma=eu", NULL},
        {"a=idioma=eu", NULL},
        {";;idioma=eu", "eu"},
        {"idiomas=eu", NULL},
        {"idioma=eu;idioma=ca", "eu"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *value = NULL;
        size_t len = 0;
        bool found = header_find_cookie(rows[i].header, "idioma", &value, &len);
        if (found != (rows[i].value != NULL))
            fail_msg("%s: found %d", rows[i].header, found);
        if (found && (len != strlen(rows[i].value) || memcmp(value, rows[i].value, len) != 0))
            fail_msg("%s: another value", rows[i].header);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bearer),
        cmocka_unit_test(test_language),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_tag),
        cmocka_unit_test(test_cookie),
        cmocka_unit_test(test_content_type),
        cmocka_unit_test(test_idempotency_key),
        cmocka_unit_test(test_listen_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
