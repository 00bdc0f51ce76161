/* SPDX-License-Identifier: EUPL-1.2 */
/* The way of a contraclave through the dispatcher, and what becomes of it: see test_house_fixture.h
 */
#include "tests/unit/test_house_fixture.h"

static void test_a_contraclave_goes_and_lets_in(void **state)
{
    struct house *h = house_new_ready();
    char code[CODE_SIZE];
    (void)state;
    assert_ok(house_ask(h, NIF, CLAVE));
    house_await(h, house_count_state(h, OUTBOX_DELIVERED) == 1, SECOND);
    assert_int_equal(house_count_received(&h->lines[0], NULL), 1);
    house_last_code(&h->lines[0], PHONE, code);
    assert_false(house_verify(h, NIF, "0000", code));
    assert_true(house_verify(h, NIF, CLAVE, code));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_a_contraclave_goes_and_lets_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
