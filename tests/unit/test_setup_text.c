/* SPDX-License-Identifier: EUPL-1.2 */
/* Single values in the text of a configuration: what is changed, and that nothing else is. */
#include "app/setup_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text, *section, *key, *had, *wanted; /* the value put is: a "$" b */
} rows[] = {
    {"", "root", "entidad", "", "entidad = V\n"},
    {"x = 1", "root", "entidad", "", "x = 1\nentidad = V\n"},
    {"# a\nentidad = \"\" # b\nmodem m { }\n", "root", "entidad", "",
     "# a\nentidad = V # b\nmodem m { }\n"},
    {"entidad='uno' x = 2", "root", "entidad", "uno", "entidad= V x = 2"},
    {"  #zona = \"x\"\n# zona = no\nmodem m { }\n", "root", "zona", "",
     "  zona = V\n# zona = no\nmodem m { }\n"},
    {"http { a = { 1, 2 } entidad = 3 }\nentidad = 4\n", "root", "entidad", "4",
     "http { a = { 1, 2 } entidad = 3 }\nentidad = V\n"},
    {"http {\n#entidad = 1\n}\n", "root", "entidad", "", "http {\n#entidad = 1\n}\nentidad = V\n"},
    {"http { }\n", "modem", "pin", "", "http { }\n\nmodem principal {\n    pin = V\n}\n"},
    {"pin = 1 modem \"a\" { b = 1 } modem c { pin = 2 }", "modem", "pin", "",
     "pin = 1 modem \"a\" {\n    pin = V\n b = 1 } modem c { pin = 2 }"},
    {"modem a { b = 1 pin = \"12\\\"3\" } modem c { pin = 2 }", "modem", "pin", "12\"3",
     "modem a { b = 1 pin = V } modem c { pin = 2 }"},
    {"#pin = 0\nmodem a {\n    #pin = \"\"\n}\n", "modem", "pin", "",
     "#pin = 0\nmodem a {\n    pin = V\n}\n"},
    {"modem a { }\nmodem b {\n    #pin = \"\"\n}\n", "modem", "pin", "",
     "modem a {\n    pin = V\n }\nmodem b {\n    #pin = \"\"\n}\n"},
};

/* The wanted text with V for the value as it is quoted. */
static char *expand(const char *wanted)
{
    static const char quoted[] = "\"a \\\"\\$\\\" b\"";
    const char *at = strstr(wanted, "= V");
    char *text = NULL;
    assert_non_null(at);
    assert_true(asprintf(&text, "%.*s%s%s", (int)(at + 2 - wanted), wanted, quoted, at + 3) > 0);
    return text;
}

static void test_a_value_in_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char had[CONFIG_WORD_MAX] = "?", has[CONFIG_WORD_MAX] = "?";
        assert_true(setup_text_get(rows[i].text, rows[i].section, rows[i].key, had));
        assert_string_equal(had, rows[i].had);
        char *made = setup_text_put(rows[i].text, rows[i].section, rows[i].key, "a \"$\" b");
        char *wanted = expand(rows[i].wanted);
        assert_non_null(made);
        if (strcmp(made, wanted) != 0)
            fail_msg("row %zu: «%s», not «%s»", i, made, wanted);
        assert_true(setup_text_has(made, rows[i].section) || strcmp(rows[i].section, "root") == 0);
        assert_true(setup_text_get(made, rows[i].section, rows[i].key, has));
        assert_string_equal(has, "a \"$\" b");
        free(made);
        free(wanted);
    }
}

static void test_what_is_no_configuration(void **state)
{
    static const char *const texts[] = {"}",         "modem a {", "a = ",   "a = { 1",
                                        "a = \"1\n", "\"a\" = 1", "modem",  "http { b { } }",
                                        "/* a",      "a = }",     "a = = 1"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char value[CONFIG_WORD_MAX];
        assert_false(setup_text_get(texts[i], "root", "entidad", value));
        assert_null(setup_text_put(texts[i], "modem", "pin_sim", "1"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_value_in_its_place),
        cmocka_unit_test(test_what_is_no_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
