/* SPDX-License-Identifier: EUPL-1.2 */
/* A pause of the sending: one of all boxes, kept across restarts, replaced and taken away. */
#include "tests/unit/test_store_fixture.h"

#include "store/pause.h"

static struct pause load(struct store *store)
{
    struct pause pause = {.since_ms = -1};
    assert_ok(pause_load(store, &pause));
    return pause;
}

static void test_a_pause_lasts_until_it_is_taken_away(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(load(&f->store).since_ms, 0);
    assert_ok(pause_save(&f->store, &(struct pause){T0, "operador:ana", "obras"}));
    store_close(&f->store);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    struct pause pause = load(&f->store);
    assert_int_equal(pause.since_ms, T0);
    assert_string_equal(pause.actor, "operador:ana");
    assert_string_equal(pause.reason, "obras");
    assert_ok(pause_save(&f->store, &(struct pause){T0 + 1, "operador:luz", ""}));
    pause = load(&f->store);
    assert_int_equal(pause.since_ms, T0 + 1);
    assert_string_equal(pause.actor, "operador:luz");
    assert_string_equal(pause.reason, "");
    assert_ok(pause_delete(&f->store));
    assert_int_equal(load(&f->store).since_ms, 0);
    assert_ok(pause_delete(&f->store));
}

static void test_a_pause_is_one_of_all_boxes(void **state)
{
    struct fixture *f = *state;
    assert_ok(pause_save(&f->store, &(struct pause){T0 + 1, "operador:luz", ""}));
    (void)snprintf(f->store.box, sizeof(f->store.box), "otra");
    assert_int_equal(load(&f->store).since_ms, T0 + 1);
    assert_ok(pause_save(&f->store, &(struct pause){T0, "operador:ana", ""}));
    assert_string_equal(load(&f->store).actor, "operador:ana");
    assert_ok(pause_delete(&f->store));
    assert_int_equal(load(&f->store).since_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_a_pause_lasts_until_it_is_taken_away),
        fixture_test(test_a_pause_is_one_of_all_boxes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
