/* SPDX-License-Identifier: EUPL-1.2 */
/* Lists of words as people write them in the configuration. */
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void test_words_and_what_is_none(void **state)
{
    /* words: each in brackets; "!" = refused there */
    static const struct {
        const char *list, *words;
    } rows[] = {
        {"uno", "[uno]"},
        {"uno,dos", "[uno][dos]"},
        {"uno ,  dos ", "[uno][dos]"},
        {"uno, dos,tres", "[uno][dos][tres]"},
        {"uno,", "!"},
        {"uno, ", "!"},
        {"uno,,dos", "[uno]!"},
        {"uno, ,dos", "[uno]!"},
        {"uno dos", "!"},
        {",uno", "!"},
        {" uno", "!"},
        {"uno\t,dos", "[uno\t][dos]"},
        {"uno;dos", "[uno;dos]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char told[64] = "";
        const char *rest = rows[i].list, *word;
        size_t len, at = 0;
        bool is_good = true;
        while (is_good && *rest != '\0') {
            is_good = list_take(&rest, &word, &len);
            at += is_good ? (size_t)snprintf(told + at, sizeof(told) - at, "[%.*s]", (int)len, word)
                          : (size_t)snprintf(told + at, sizeof(told) - at, "!");
        }
        assert_string_equal(told, rows[i].words);
        assert_false(list_take(&(const char *){""}, &word, &len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words_and_what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
