/* SPDX-License-Identifier: EUPL-1.2 */
/* Refused log-ins in the audit trail: each of an account, and few of the names of nobody. */
#include "tests/unit/test_house_fixture.h"

#include "service/caller.h"
#include "service/people_private.h"

enum { OWN_ROWS = 20 };

#define REFUSED " FROM audit WHERE event = 'sesion_abrir' AND result = 'rechazado'"

static int64_t count_rows(struct house *house)
{
    return ask_int(&house->files->store, "SELECT count(*)" REFUSED);
}

static void note_many(struct people *people, int64_t operator_id, int count)
{
    const struct caller caller = {.has_address = true};
    for (int i = 0; i < count; i++)
        people_note_failure(people, "sesion_abrir", operator_id, &caller);
}

static void test_many_names_of_nobody_are_one_row_a_minute(void **state)
{
    (void)state;
    struct house *house = house_new();
    house_start(house);
    struct people *people = people_new(&house->service);
    note_many(people, 0, 1000);
    assert_int_equal(count_rows(house), OWN_ROWS);
    note_many(people, 7, 30);
    assert_int_equal(count_rows(house), OWN_ROWS + 30);
    house_live(house, 61 * SECOND);
    assert_int_equal(count_rows(house), OWN_ROWS + 31);
    assert_int_equal(ask_int(&house->files->store, "SELECT max(reference)" REFUSED),
                     1000 - OWN_ROWS);
    house_live(house, HOUR); /* nothing is left to tell */
    assert_int_equal(count_rows(house), OWN_ROWS + 31);
    note_many(people, 0, OWN_ROWS + 1); /* told at the end at the latest */
    people_stop(people);
    assert_int_equal(count_rows(house), 2 * OWN_ROWS + 32);
    people_free(people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_many_names_of_nobody_are_one_row_a_minute, house_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
