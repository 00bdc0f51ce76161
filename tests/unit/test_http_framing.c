/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/framing.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 512 };

/*
 * Reads "Name: value" lines as libmicrohttpd leaves them: each terminated where it stands. A '|' in
 * the table stands for a NUL that was received.
 */
static enum cc_err verdict(const char *text, const char *version)
{
    struct framing framing = {0};
    char copy[TEXT_MAX];
    size_t len = strlen(text);
    assert_true(len < sizeof(copy));
    memcpy(copy, text, len + 1);
    for (char *at = copy; *at != '\0'; at++)
        if (*at == '|')
            *at = '\0';
    char *line = copy;
    while (line < copy + len) {
        char *line_end = memchr(line, '\n', (size_t)(copy + len - line));
        char *colon = memchr(line, ':', (size_t)(copy + len - line));
        assert_true(colon != NULL && line_end != NULL && colon < line_end);
        bool has_cr = line_end[-1] == '\r';
        line_end[0] = line_end[has_cr ? -1 : 0] = *colon = '\0';
        char *value = colon + 1;
        while (*value == ' ')
            value++;
        framing_add(&framing, line, strlen(line), value, strlen(value));
        line = line_end + 1;
    }
    return framing_verdict(&framing, version, copy + len + 2);
}

static void test_verdicts(void **state)
{
    static const struct {
        const char *text, *version;
        bool ok;
    } rows[] = {
        {"Host: a\r\n", "HTTP/1.1", true},
        {"", "HTTP/1.1", false},
        {"", "HTTP/1.0", true},
        {"Host: a\r\n", "HTTP/1.0", true},
        {"Host: a\r\nhOST: a\r\n", "HTTP/1.1", false},
        {"Host: a\r\nHost: a\r\n", "HTTP/1.0", false},
        {"Host: a\r\nContent-Length: 5\r\n", "HTTP/1.1", true},
        {"Host: a\r\nCONTENT-LENGTH: 5\r\n", "HTTP/1.1", true},
        {"Host: a\r\nContent-Length: 5\r\ncontent-length: 5\r\n", "HTTP/1.1", false},
        {"Host: a\r\nContent_Length: 5\r\n", "HTTP/1.1", false},
        {"Host: a\r\nContentLength: 5\r\n", "HTTP/1.1", false},
        {"Host: a\r\nX-Content-Length: 5\r\nContent-Length: 5\r\n", "HTTP/1.1", true},
        {"Host: a\r\nTransfer-Encoding: chunked\r\n", "HTTP/1.1", true},
        {"Host: a\r\ntransfer-encoding: CHUNKED\r\n", "HTTP/1.1", true},
        {"Host: a\r\nTransfer-Encoding: chunked\r\n", "HTTP/1.0", false},
        {"Host: a\r\nTransfer-Encoding: chunked \r\n", "HTTP/1.1", false},
        {"Host: a\r\nTransfer-Encoding: xchunked\r\n", "HTTP/1.1", false},
        {"Host: a\r\nTransfer-Encoding: identity\r\n", "HTTP/1.1", false},
        {"Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", "HTTP/1.1", false},
        {"Host: a\r\nTransfer.Encoding: chunked\r\n", "HTTP/1.1", false},
        {"Host: a\r\nTransfer-Encoding : chunked\r\n", "HTTP/1.1", false},
        {"Host: a\r\n: x\r\n", "HTTP/1.1", false},
        {"Host: a\r\nX\tY: x\r\n", "HTTP/1.1", false},
        {"Host: a\r\nX-\xc3\xb1: x\r\n", "HTTP/1.1", false},
        {"Host: a\r\nX: \xc3\xb1\t~\r\n", "HTTP/1.1", true},
        {"Host: a\r\nX: a\x1b[2J\r\n", "HTTP/1.1", false},
        {"Host: a\r\nX: a\x7f\r\n", "HTTP/1.1", false},
        {"Host: a\nX: b\nY:c\n", "HTTP/1.1", true},
        {"Host: a|b\r\nX: b\r\n", "HTTP/1.1", false},
        {"Host: a||||b\r\nX: b\r\n", "HTTP/1.1", false},
        {"X: b\r\nHost: a|b\r\n", "HTTP/1.1", false},
        {"X: b\r\nHost: a|\r\n", "HTTP/1.1", false},
        {"Host: a\r\nX-Un-Nombre-De-Cabecera-Mas-Largo-De-Lo-Que-Cabe-En-El-Espacio-De-Sus-Letras: "
         "x\r\n",
         "HTTP/1.1", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((verdict(rows[i].text, rows[i].version) == CC_OK) != rows[i].ok)
            fail_msg("row %zu: %s", i, rows[i].text);
}

/* A request line as libmicrohttpd leaves it. The URI is told before its query is cut off. */
static void test_request_lines(void **state)
{
    static const struct {
        const char *text; /* '|' = a NUL that was received */
        size_t uri, version;
        bool ok;
    } rows[] = {
        {"GET /a HTTP/1.1", 4, 7, true},    {"GET /a?b=c HTTP/1.1", 4, 11, true},
        {"GET /a|b HTTP/1.1", 4, 9, false}, {"GET /a| HTTP/1.1", 4, 8, false},
        {"GET | HTTP/1.1", 4, 6, false},    {"G|T /a HTTP/1.1", 4, 7, false},
        {"GET  /a HTTP/1.1", 5, 8, false},  {"GET /a  HTTP/1.1", 4, 8, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char copy[64];
        (void)snprintf(copy, sizeof(copy), "%s", rows[i].text);
        for (char *at = copy; *at != '\0'; at++)
            *at = *at == '|' ? '\x01' : *at;
        char *uri = copy + rows[i].uri, *version = copy + rows[i].version;
        uri[-1] = version[-1] = '\0';
        for (char *at = copy; at < version; at++)
            *at = *at == '\x01' ? '\0' : *at;
        *strchrnul(copy, ' ') = '\0';
        *strchrnul(uri, ' ') = '\0';
        const struct framing_line line = {copy, uri, uri + strlen(uri), version};
        if (framing_line_is_whole(&line) != rows[i].ok)
            fail_msg("row %zu: %s", i, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_verdicts),
                                       cmocka_unit_test(test_request_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
