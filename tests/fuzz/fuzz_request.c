/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads a stranger's request as the daemon does before it knows the caller: path, query, cookies,
 * headers and address. The lines of the input, in the order of enum line. */
#include "fuzz.h"

#include "domain/password.h"
#include "http/header.h"
#include "http/language.h"
#include "http/peer.h"
#include "http/route.h"
#include "http/uri.h"

#include <arpa/inet.h>

enum line { PATH, QUERY, COOKIE, BEARER, ORIGIN, HOST, FORWARDED, LANGUAGE, PASSWORD, LINES };

enum { COOKIE_MAX = 128 };

static const struct route rows[] = {
    {"GET", "/v1/estado", .callers = CALLER_CLIENT, .status = 200},
    {"PATCH", "/v1/operadores/{nombre}", .callers = CALLER_SESSION, .status = 200},
    {"GET", "/v1/modems/{nombre}/historia", .callers = CALLER_SESSION, .status = 200},
};

static void check_path(const char *path)
{
    struct route_match match = {0};
    char storage[64], text[ROUTE_PARAM_SIZE];
    struct buf allow;
    size_t len = 0;
    buf_init(&allow, storage, sizeof(storage));
    if (route_find(rows, sizeof(rows) / sizeof(rows[0]), CALLER_CLIENT | CALLER_SESSION, path,
                   "PATCH", &match, &allow) != CC_OK)
        return;
    REQUIRE(match.row != NULL && match.count <= ROUTE_PARAMS_MAX);
    for (size_t i = 0; i < match.count; i++) {
        REQUIRE(memchr(match.params[i].at, '/', match.params[i].len) == NULL);
        if (uri_decode(match.params[i].at, match.params[i].len, text, sizeof(text), &len) == CC_OK)
            REQUIRE(strlen(text) == len && utf8_is_valid(text, len));
    }
}

/* The first `=` parts a name from its value. */
static void check_query(char *query)
{
    static const struct json_shape shape = {
        .fields = {{"desde", .max_bytes = 16}, {"x", .optional = true, .max_bytes = 4}}};
    struct json_value in[JSON_FIELDS_MAX] = {{0}};
    struct uri_query state;
    char field[JSON_FIELD_NAME_SIZE];
    uri_query_begin(&state, &shape, in, field);
    for (char *word = strtok(query, "&"); word != NULL; word = strtok(NULL, "&")) {
        char *value = strchr(word, '=');
        if (value != NULL)
            *value++ = '\0';
        uri_query_add(&state, word, value);
    }
    if (uri_query_end(&state) != CC_OK)
        return;
    REQUIRE(in[0].text != NULL && in[0].len <= 16 && strlen(in[0].text) == in[0].len);
    REQUIRE(in[1].text == NULL || in[1].len <= 4);
}

static void check_cookie(const char *cookie)
{
    static const char base64url[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *text = NULL;
    size_t len = 0;
    if (!header_cookie(cookie, "contraclaved", &text, &len))
        return;
    REQUIRE(text > cookie && len > 0 && len <= COOKIE_MAX && text + len <= cookie + strlen(cookie));
    REQUIRE(strspn(text, base64url) >= len);
}

static void check_bearer(const char *value)
{
    const char *text = NULL;
    size_t len = 0;
    if (header_bearer(value, &text, &len))
        REQUIRE(text >= value && text + len <= value + strlen(value) && len > 0);
    (void)header_is_json(value);
    (void)header_is_key(value);
}

static void check_origin(const char *origin, const char *host)
{
    if (header_is_same_origin(origin, host, false))
        REQUIRE(strlen(origin) > strlen(host) && strlen(host) > 0);
    if (header_is_same_origin(origin, host, true))
        REQUIRE(strncasecmp(origin, "https://", 8) == 0 &&
                header_is_same_origin(origin, host, false));
    if (header_is_https(host))
        REQUIRE(strlen(host) >= strlen("https"));
}

/* Checks that the result is an address for any header, and for a stranger the socket's. */
static void check_address(const char *forwarded)
{
    const struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const struct sockaddr *address = (const struct sockaddr *)&v4;
    struct peer_proxies trusted = {0};
    struct in6_addr v6;
    struct in_addr any;
    char text[INET6_ADDRSTRLEN];
    peer_write_address(address, &trusted, forwarded, text);
    REQUIRE(strcmp(text, "127.0.0.1") == 0);
    REQUIRE(peer_parse_proxies("127.0.0.1", &trusted));
    peer_write_address(address, &trusted, forwarded, text);
    REQUIRE(inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &v6) == 1);
    (void)peer_parse_proxies(forwarded, &trusted);
}

static void check_password(const char *text)
{
    static char again[PASSWORD_SIZE];
    char normal[PASSWORD_SIZE];
    if (password_normalize(text, strlen(text), normal) != CC_OK)
        return;
    REQUIRE(password_normalize(normal, strlen(normal), again) == CC_OK);
    REQUIRE(strcmp(normal, again) == 0);
    if (password_check(normal, &(struct password_own){{"begoña"}}) == CC_OK)
        REQUIRE(strlen(normal) >= PASSWORD_LEAST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[LINES];
    for (size_t i = 0; i < LINES; i++) {
        const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
        size_t len = end != NULL ? (size_t)(end - data) : size;
        lines[i] = calloc(1, len + 1);
        REQUIRE(lines[i] != NULL);
        if (len > 0)
            memcpy(lines[i], data, len);
        data += end != NULL ? len + 1 : len;
        size -= end != NULL ? len + 1 : len;
    }
    check_path(lines[PATH]);
    check_query(lines[QUERY]);
    check_cookie(lines[COOKIE]);
    check_bearer(lines[BEARER]);
    check_origin(lines[ORIGIN], lines[HOST]);
    check_address(lines[FORWARDED]);
    REQUIRE(language_of_header(lines[LANGUAGE]) < TEXT_LANG_COUNT);
    check_password(lines[PASSWORD]);
    for (size_t i = 0; i < LINES; i++)
        free(lines[i]);
    return 0;
}
