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
    for (size_t i = 0; i < COUNT(rows); i++)
        if (header_is_json(rows[i].value) != rows[i].taken)
            fail_msg("%s: taken %d", rows[i].value, !rows[i].taken);
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
    for (size_t i = 0; i < COUNT(rows); i++)
        if (header_is_key(rows[i].value) != rows[i].taken)
            fail_msg("%s: taken %d", rows[i].value, !rows[i].taken);
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
        struct listen_list list = {.items = {{.address = {.any = {.sa_family = AF_UNSPEC}}}}};
        enum cc_err err = listen_parse(rows[i].spec, &list);
        const union listen_address address = list.items[0].address;
        if (address.any.sa_family != rows[i].family ||
            err != (rows[i].family == AF_UNSPEC ? CC_ERR_CONFIG : CC_OK))
            fail_msg("%s: %s", rows[i].spec, err_token(err));
        if (err == CC_OK && ntohs(address.v4.sin_port) != rows[i].port)
            fail_msg("%s: port %u", rows[i].spec, ntohs(address.v4.sin_port));
    }
}

static void test_listen_list(void **state)
{
    static const char eight[] = "127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:3, 127.0.0.1:4, 127.0.0.1:5, "
                                "127.0.0.1:6, 127.0.0.1:7, 127.0.0.1:8";
    static const char nine[] = "127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:3, 127.0.0.1:4, 127.0.0.1:5, "
                               "127.0.0.1:6, 127.0.0.1:7, 127.0.0.1:8, 127.0.0.1:9";
    static const struct {
        const char *text;
        size_t count; /* 0 = refused */
        unsigned tls; /* bits of the items; those of mtls:// from 16 on too */
        bool is_exposed;
    } rows[] = {
        {"127.0.0.1:8024", 1, 0, false},
        {"https://127.0.0.1:8443", 1, 1, false},
        {"https://0.0.0.0:8443", 1, 1, false},
        {"https://[::]:8443", 1, 1, false},
        {"mtls://[::]:8444", 1, 0x10001, false},
        {"127.0.0.1:8024, https://0.0.0.0:8443, mtls://0.0.0.0:8444", 3, 0x40006, false},
        {"mtls://", 0, 0, false},
        {"mtls:127.0.0.1:8444", 0, 0, false},
        {"127.0.0.1:8024, https://192.0.2.7:443", 2, 2, false},
        {"127.0.0.1:8024,[::1]:8024,https://[2001:db8::7]:0", 3, 4, false},
        {"  127.0.0.1:8024 ,  [::1]:8024  ", 2, 0, false},
        {eight, 8, 0, false},
        {nine, 0, 0, false},
        {"0.0.0.0:8024", 0, 0, true},
        {"[2001:db8::7]:8024", 0, 0, true},
        {"https://0.0.0.0:8443, 192.0.2.7:8024", 0, 0, true},
        {"http://127.0.0.1:8024", 0, 0, false},
        {"HTTPS://127.0.0.1:8024", 0, 0, false},
        {"https://", 0, 0, false},
        {"https://localhost:8443", 0, 0, false},
        {"https://127.0.0.1:8443/", 0, 0, false},
        {"https:// 127.0.0.1:8443", 0, 0, false},
        {"127.0.0.1:8024,", 0, 0, false},
        {",127.0.0.1:8024", 0, 0, false},
        {"127.0.0.1:8024 127.0.0.1:8025", 0, 0, false},
        {"127.0.0.1:8024; 127.0.0.1:8025", 0, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct listen_list list = {.count = 0};
        unsigned tls = 0;
        bool is_taken = listen_parse(rows[i].text, &list) == CC_OK;
        for (size_t at = 0; at < list.count; at++)
            tls |= (list.items[at].is_tls ? 1U << at : 0) |
                   (list.items[at].asks_certificate ? 0x10000U << at : 0);
        if (is_taken != (rows[i].count > 0) || list.count != rows[i].count || tls != rows[i].tls ||
            listen_is_exposed(rows[i].text) != rows[i].is_exposed)
            fail_msg("%s: %zu items, TLS %u", rows[i].text, list.count, tls);
    }
}

/* The cookie of a session: header_cookie() takes no other than one, whole. */
static void test_session_cookie(void **state)
{
    static const struct {
        const char *header, *value; /* NULL = refused */
    } rows[] = {
        {"contraclaved=abc-_1", "abc-_1"},
        {"a=b; contraclaved=abc", "abc"},
        {"contraclaved=abc; idioma=eu", "abc"},
        {"contraclaved=abc;idioma=eu", "abc"},
        {"\t contraclaved=abc \t", "abc"},
        {"xcontraclaved=no; contraclaved=abc", "abc"},
        {"__Host-contraclaved=no; contraclaved=abc", "abc"},
        {NULL, NULL},
        {"", NULL},
        {"contraclaved", NULL},
        {"contraclaved=", NULL},
        {"contraclaved=; a=b", NULL},
        {"Contraclaved=abc", NULL},
        {"a=contraclaved=abc", NULL},
        /* named twice: which of the two is the browser's own is not known */
        {"contraclaved=abc; contraclaved=def", NULL},
        {"contraclaved=abc; contraclaved=abc", NULL},
        {"contraclaved=\"abc\"", NULL},
        {"contraclaved=ab%63", NULL},
        {"contraclaved=ab=c", NULL},
        {"contraclaved=ab\xc3\xb1", NULL},
        {"contraclaved=" HUNDRED "0123456789012345678901234567",
         HUNDRED "0123456789012345678901234567"},
        {"contraclaved=" HUNDRED "01234567890123456789012345678", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *value = "?";
        size_t len = 1;
        bool is_found = header_cookie(rows[i].header, "contraclaved", &value, &len);
        const char *wanted = rows[i].value != NULL ? rows[i].value : "?"; /* as it was */
        if (is_found != (rows[i].value != NULL) || len != strlen(wanted) ||
            strncmp(value, wanted, len) != 0)
            fail_msg("%s: %d %.*s", rows[i].header, is_found, (int)len, value);
    }
}

static void test_origin(void **state)
{
    static const struct {
        const char *origin, *host;
        bool is_same, is_same_secure;
    } rows[] = {
        {"https://equipo:8443", "equipo:8443", true, true},
        {"https://EQUIPO:8443", "equipo:8443", true, true},
        {"HTTPS://equipo", "equipo", true, true},
        {"http://equipo:8024", "equipo:8024", true, false},
        {"https://equipo:8443", "equipo:8444", false, false},
        {"https://equipo.otro.es", "equipo", false, false},
        {"https://equipo", "equipo.otro.es", false, false},
        {"https://otro@equipo", "equipo", false, false},
        {"equipo", "equipo", false, false},
        {"ftp://equipo", "equipo", false, false},
        {"null", "equipo", false, false},
        {"null", "null", false, false},
        {"", "", false, false},
        {"https://", "", false, false},
        {NULL, "equipo", false, false},
        {"https://equipo", NULL, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (header_is_same_origin(rows[i].origin, rows[i].host, false) != rows[i].is_same ||
            header_is_same_origin(rows[i].origin, rows[i].host, true) != rows[i].is_same_secure)
            fail_msg("%s at %s", rows[i].origin, rows[i].host);
}

static void test_forwarded_proto(void **state)
{
    static const struct {
        const char *value;
        bool is_https;
    } rows[] = {
        {"https", true},        {"HTTPS", true},   {"http, https", true}, {"http,https", true},
        {"https, http", false}, {"http", false},   {"", false},           {NULL, false},
        {"https,", false},      {"https2", false}, {"httpshttps", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (header_is_https(rows[i].value) != rows[i].is_https)
            fail_msg("%s: %d", rows[i].value, !rows[i].is_https);
}

static void test_loopback(void **state)
{
    static const struct {
        const char *host;
        bool is_loopback;
    } rows[] = {
        {"localhost", true},
        {"LocalHost:8024", true},
        {"127.0.0.1", true},
        {"127.0.0.1:8024", true},
        {"127.9.8.7:1", true},
        {"[::1]", true},
        {"[::1]:8024", true},
        {"evil.example", false},
        {"127.0.0.1.evil.example", false},
        {"127.evil:80", false},
        {"localhost.evil", false},
        {"evil.localhost", false},
        {"localhos", false},
        {"[::2]", false},
        {"[::1", false},
        {"[", false},
        {"128.0.0.1", false},
        {"192.168.1.2:8024", false},
        {"[::1].evil", false},
        {"localhost.", false},
        {"", false},
        {NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (header_is_loopback(rows[i].host) != rows[i].is_loopback)
            fail_msg("%s: %d", rows[i].host, !rows[i].is_loopback);
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
        const char *language = text_lang_token(language_of_header(rows[i].accept));
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
    for (size_t i = 0; i < COUNT(rows); i++)
        if (header_takes_gzip(rows[i].accept) != rows[i].takes)
            fail_msg("%s", rows[i].accept);
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
        bool is_weak = rows[i].header != NULL && strncmp(rows[i].header, "W/", 2) == 0;
        if (header_matches(rows[i].header, "\"ab\"") != (rows[i].has && !is_weak))
            fail_msg("If-Match: %s", rows[i].header);
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
        cmocka_unit_test(test_listen_list),
        cmocka_unit_test(test_session_cookie),
        cmocka_unit_test(test_origin),
        cmocka_unit_test(test_forwarded_proto),
        cmocka_unit_test(test_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
