/* SPDX-License-Identifier: EUPL-1.2 */
/* Texts of an operator over several lines: what begins, goes on and ends them. */
#include "at/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { LINES = 4, WAIT_US = 2000 * 1000, NOW_US = 5000 * 1000, MOST_LINES = 16 };

/* `open`: a letter for each line, O where the text goes on behind it, c where it is over. */
static const struct {
    const char *lines[LINES];
    const char *open;
} rows[] = {
    {{"+CUSD: 0,\"Saldo 5\",15"}, "c"},
    {{"+CUSD: 0"}, "c"},
    {{"+CUSD: 1,\"Elija:", "> 1 Saldo", "> 2 Nada\",15"}, "OOc"},
    {{"+CUSD: 1,\"Elija:", "> 1 Saldo", "> 2 Nada\""}, "OOc"},
    {{"+CUSD: 1,\"Elija:", "> 2 \"A\"", "OK", "ERROR\",15"}, "OOOc"},
    {{"+CUSD: 0,\"5\" o 6\",15"}, "c"},
    {{"+CUSD: 0,\"a", "\"b\",c", "\",15 \r"}, "OOc"},
};

static void texts_end_at_their_last_quote(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct at_text text = {0};
        for (size_t n = 0; rows[i].open[n] != '\0'; n++) {
            if (n == 0)
                at_text_begin(&text, rows[i].lines[n], NOW_US);
            else
                assert_true(at_text_add(&text, rows[i].lines[n]));
            if (at_text_is_open(&text) != (rows[i].open[n] == 'O'))
                fail_msg("row %zu, line %zu", i, n);
        }
    }
}

static void a_quote_that_never_comes_is_waited_for_two_seconds(void **state)
{
    (void)state;
    struct at_text text = {0};
    at_text_expire(&text, NOW_US);
    assert_false(at_text_is_open(&text));
    at_text_begin(&text, "+CUSD: 1,\"Elija:", NOW_US);
    at_text_expire(&text, NOW_US + WAIT_US);
    assert_true(at_text_is_open(&text));
    at_text_expire(&text, NOW_US + WAIT_US + 1);
    assert_false(at_text_is_open(&text));
}

static void a_text_has_sixteen_lines_more_at_most(void **state)
{
    (void)state;
    struct at_text text = {0};
    for (int times = 0; times < 2; times++) { /* a new text counts anew */
        at_text_begin(&text, "+CUSD: 1,\"Elija:", NOW_US);
        for (int n = 0; n < MOST_LINES; n++)
            assert_true(at_text_add(&text, "> otra"));
        assert_true(at_text_is_open(&text));
        assert_false(at_text_add(&text, "> otra"));
        assert_false(at_text_is_open(&text));
    }
}

static void a_new_text_begins_with_even_quotes(void **state)
{
    (void)state;
    struct at_text text = {0};
    at_text_begin(&text, "+CUSD: 1,\"Elija:", NOW_US);
    at_text_end(&text);
    assert_false(at_text_is_open(&text));
    at_text_begin(&text, "+CUSD: 1,\"Elija:", NOW_US);
    assert_true(at_text_is_open(&text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_end_at_their_last_quote),
        cmocka_unit_test(a_quote_that_never_comes_is_waited_for_two_seconds),
        cmocka_unit_test(a_text_has_sixteen_lines_more_at_most),
        cmocka_unit_test(a_new_text_begins_with_even_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
