/* SPDX-License-Identifier: EUPL-1.2 */
/* Bytes to tokens: every row is fed whole, byte by byte and at every split, with one answer. */
#include "at/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { TRACE_SIZE = 4096 };

/* Tokens as text: "[line]" a line, ">" a prompt, "!" a line dropped. */
struct trace {
    char text[TRACE_SIZE];
    size_t len;
};

struct row {
    const char *name;
    const char *bytes;
    size_t len;
    bool want_prompt;
    const char *tokens;
};

#define ROW(name_, bytes_, prompt_, tokens_)                                                       \
    {                                                                                              \
        .name = (name_), .bytes = (bytes_), .len = sizeof(bytes_) - 1, .want_prompt = (prompt_),   \
        .tokens = (tokens_)                                                                        \
    }

static const struct row rows[] = {
    ROW("nothing", "", false, ""),
    ROW("result in V.250 framing", "\r\nOK\r\n", false, "[OK]"),
    ROW("echo before the result", "AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n", false,
        "[AT+CSQ][+CSQ: 20,99][OK]"),
    ROW("doubled carriage return", "OK\r\r\n+CMTI: \"SM\",3\r\r\n", false, "[OK][+CMTI: \"SM\",3]"),
    ROW("bare carriage return", "OK\rERROR\r", false, "[OK][ERROR]"),
    ROW("bare line feed", "OK\nERROR\n", false, "[OK][ERROR]"),
    ROW("only empty lines", "\r\n\r\n\n\n\r\r  \r\n", false, ""),
    ROW("unfinished line waits", "\r\n+CMGS: 1", false, ""),
    ROW("blanks inside stay, those behind go", "  +CSQ: 1, 2 \t\r\n", false, "[+CSQ: 1, 2]"),
    ROW("a tab is a blank", "\t+CSQ:\t1\r\n", false, "[+CSQ: 1]"),
    ROW("nothing but blanks", "OK\r\n \t \r\n", false, "[OK]"),
    ROW("prompt with the space", "\r\n> ", true, ">"),
    ROW("prompt without the space", "\r\n>", true, ">"),
    ROW("prompt at the very start", ">", true, ">"),
    ROW("prompt with lines around", "\r\n>\r\n", true, ">"),
    ROW("prompt after the echo", "AT+CMGS=23\r\r\n> ", true, "[AT+CMGS=23]>"),
    ROW("prompt after an event", "\r\nRING\r\n\r\n> ", true, "[RING]>"),
    ROW("answer on the prompt's line", "\r\n> +CMGS: 5\r\nOK\r\n", true, ">[+CMGS: 5][OK]"),
    ROW("only one prompt is taken", "\r\n> \r\n> \r\n", true, ">[>]"),
    ROW("prompt nobody waits for", "\r\n> \r\nOK\r\n", false, "[>][OK]"),
    ROW("bracket inside a line is none", "+COPS: \">\"\r\na>\r\n", true, "[+COPS: \">\"][a>]"),
    ROW("NULs and flow control are left out", "\0\0O\0K\x11\r\n\x13", false, "[OK]"),
    ROW("bytes over 7E show inside a line", "\x7E\x7F\x80\xFF~\r\n", false, "[~???~]"),
    ROW("and are left out in front of it", "\xFF\xFE\x80OK\r\n\xFF\r\n\0\0\r\n\r\n", false,
        "[OK][?][?]"),
    ROW("and behind it", "OK\x80\xFF\r\nSaldo?\r\n", false, "[OK][Saldo?]"),
    ROW("noise in front of a prompt", "\r\n\0\xFF> ", true, ">"),
    ROW("echo of Ctrl-Z", "07\x1A\r\n", false, "[07?]"),
    ROW("terminal escapes", "a\x1B]0;b\x07\tc\r\n", false, "[a?]0;b? c]"),
};

static void trace_token(struct trace *trace, enum at_token token, const char *line)
{
    const char *mark = token == AT_TOKEN_PROMPT ? ">" : "!";
    int n = 0;

    if (token == AT_TOKEN_NONE)
        return;
    if (token == AT_TOKEN_LINE)
        n = snprintf(trace->text + trace->len, TRACE_SIZE - trace->len, "[%s]", line);
    else
        n = snprintf(trace->text + trace->len, TRACE_SIZE - trace->len, "%s", mark);
    assert_true(n > 0 && (size_t)n < TRACE_SIZE - trace->len);
    trace->len += (size_t)n;
}

static void feed(struct at_syntax *s, const char *bytes, size_t len, struct trace *trace)
{
    const uint8_t *at = (const uint8_t *)bytes;
    enum at_token token = AT_TOKEN_NONE;

    while (len > 0) {
        size_t used = at_syntax_feed(s, at, len, &token);

        assert_true(used > 0 && used <= len);
        at += used;
        len -= used;
        trace_token(trace, token, s->line);
    }
    assert_int_equal(at_syntax_feed(s, at, 0, &token), 0);
    assert_int_equal(token, AT_TOKEN_NONE);
}

/* Feeds the row in two pieces, or with step in pieces of that size. */
static void check_row(const struct row *row, size_t split, size_t step)
{
    struct at_syntax s;
    struct trace trace = {.len = 0};

    at_syntax_init(&s);
    at_syntax_expect_prompt(&s, row->want_prompt);
    feed(&s, row->bytes, split, &trace);
    for (size_t i = split; i < row->len; i += step)
        feed(&s, row->bytes + i, row->len - i < step ? row->len - i : step, &trace);
    if (strcmp(trace.text, row->tokens) != 0)
        fail_msg("%s (split %zu, step %zu): %s, not %s", row->name, split, step, trace.text,
                 row->tokens);
}

static void test_tokens_whatever_the_chunks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_row(&rows[i], 0, 1);
        check_row(&rows[i], 0, 3);
        for (size_t split = 0; split <= rows[i].len; split++)
            check_row(&rows[i], split, rows[i].len + 1);
    }
}

static void fill(char *bytes, size_t len, const char *tail)
{
    memset(bytes, 'A', len);
    memcpy(bytes + len, tail, strlen(tail));
}

static void test_longest_line_is_taken(void **state)
{
    static char bytes[AT_LINE_MAX + 8];
    char tokens[AT_LINE_MAX + 8];
    struct row row = {.name = "longest", .bytes = bytes, .len = AT_LINE_MAX + 2, .tokens = tokens};

    (void)state;
    fill(bytes, AT_LINE_MAX, "\r\n");
    (void)snprintf(tokens, sizeof(tokens), "[%.*s]", AT_LINE_MAX, bytes);
    check_row(&row, 0, row.len);
    check_row(&row, 0, 1);
}

static void test_overlong_line_is_dropped_once(void **state)
{
    static const size_t lengths[] = {AT_LINE_MAX + 1, 2 * AT_LINE_MAX + 1, 65536};
    static char bytes[65536 + 32];

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct row row = {
            .name = "overlong", .bytes = bytes, .want_prompt = true, .tokens = "![OK]>"};

        fill(bytes, lengths[i], "\r\nOK\r\n> ");
        row.len = lengths[i] + strlen("\r\nOK\r\n> ");
        check_row(&row, 0, row.len);
        check_row(&row, 0, 1);
        check_row(&row, 0, 4096);
        check_row(&row, AT_LINE_MAX, row.len);
    }
}

static void test_flood_without_end_is_reported_at_once(void **state)
{
    static char bytes[65536 + 1];
    struct row row = {.name = "no end", .bytes = bytes, .len = 65536, .tokens = "!"};

    (void)state;
    fill(bytes, 65536, "");
    check_row(&row, 0, 4096);
}

static void test_prompt_expectation_can_be_withdrawn(void **state)
{
    struct at_syntax s;
    struct trace trace = {.len = 0};

    (void)state;
    at_syntax_init(&s);
    at_syntax_expect_prompt(&s, true);
    at_syntax_expect_prompt(&s, false);
    feed(&s, "> \r\n", 4, &trace);
    at_syntax_expect_prompt(&s, true);
    feed(&s, "> ", 2, &trace);
    assert_string_equal(trace.text, "[>]>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens_whatever_the_chunks),
        cmocka_unit_test(test_longest_line_is_taken),
        cmocka_unit_test(test_overlong_line_is_dropped_once),
        cmocka_unit_test(test_flood_without_end_is_reported_at_once),
        cmocka_unit_test(test_prompt_expectation_can_be_withdrawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
