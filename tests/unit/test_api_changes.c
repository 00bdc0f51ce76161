/* SPDX-License-Identifier: EUPL-1.2 */
/* What an open page is told: members that changed, and no second that was rounded the other way. */
#include "api/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STATUS(since, modem)                                                                       \
    "{\"listo\":true,\"veredicto\":{\"desde\":" since "},\"modems\":[{\"desde\":" modem "}]}"

static const struct {
    const char *before, *now, *changes; /* NULL = none */
} rows[] = {
    {"{\"a\":1,\"b\":[2]}", "{\"a\":1,\"b\":[2]}", NULL},
    {"{\"a\":1,\"b\":2}", "{\"a\":3,\"b\":2}", "{\"a\":3}"},
    {"{}", "{\"a\":null}", "{\"a\":null}"},
    {STATUS("\"2027-01-01T00:00:00Z\"", "null"), STATUS("\"2027-01-01T00:00:01Z\"", "null"), NULL},
    {STATUS("\"2027-01-01T00:00:01Z\"", "null"), STATUS("\"2027-01-01T00:00:00Z\"", "null"), NULL},
    {STATUS("null", "\"2027-01-01T00:59:59Z\""), STATUS("null", "\"2027-01-01T01:00:00Z\""), NULL},
    {STATUS("\"2027-01-01T00:00:00Z\"", "null"), STATUS("\"2027-01-01T00:00:02Z\"", "null"),
     "{\"veredicto\":{\"desde\":\"2027-01-01T00:00:02Z\"}}"},
    {STATUS("\"2027-01-01T00:00:00Z\"", "null"), STATUS("null", "null"),
     "{\"veredicto\":{\"desde\":null}}"},
    {STATUS("null", "null"), STATUS("\"2027-01-01T00:00:00Z\"", "null"),
     "{\"veredicto\":{\"desde\":\"2027-01-01T00:00:00Z\"}}"},
};

static void test_only_what_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *before = json_loads(rows[i].before, 0, NULL);
        json_t *now = json_loads(rows[i].now, 0, NULL);
        json_t *changes = changes_find(before, now);
        char *text = changes != NULL ? json_dumps(changes, JSON_COMPACT) : NULL;
        if (rows[i].changes == NULL ? text != NULL
                                    : text == NULL || strcmp(text, rows[i].changes) != 0)
            fail_msg("row %zu: %s", i, text != NULL ? text : "no change");
        free(text);
        json_decref(changes);
        json_decref(now);
        json_decref(before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_only_what_changed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
