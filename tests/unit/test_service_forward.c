/* SPDX-License-Identifier: EUPL-1.2 */
/* The journal gets no name of a person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/forward.h"

#include <string.h>

static void test_actors(void **state)
{
    static const struct {
        const char *actor, *told;
    } rows[] = {
        {"cliente:sede", "cliente:sede"},
        {"control:uid 0", "control:uid 0"},
        {"sistema", "sistema"},
        {"operador:ana", "operador"},
        {"operador:", "operador"},
        {"operadora", "operadora"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = forward_actor_len(rows[i].actor);
        assert_int_equal(len, strlen(rows[i].told));
        assert_memory_equal(rows[i].actor, rows[i].told, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_actors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
