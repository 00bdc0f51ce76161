/* SPDX-License-Identifier: EUPL-1.2 */
/* Addresses in the audit trail: sealed until their term; then their tag is left, and the chain
 * holds, under the next master key too. */
#include "tests/unit/test_rotation_fixture.h"

#include "domain/address.h"
#include "store/audit.h"
#include "store/audit_search.h"

static void append_from(struct store *store, const char *address, int64_t at_ms)
{
    struct address from;
    struct audit_entry entry = {.event = "alta", .actor = "cliente:sede", .result = "presencial"};
    if (address != NULL) {
        assert_ok(address_parse(address, &from));
        entry.address = from.bytes;
    }
    assert_ok(audit_append(store, &entry, at_ms, NULL));
}

static int64_t forget_until(struct store *store, int64_t before_ms, int64_t most)
{
    int64_t count = 0, sum = 0;
    bool more = true;
    while (more) {
        assert_ok(db_begin(store->db));
        assert_ok(
            purge_piece(store, PURGE_ADDRESSES, before_ms, T0 + 400 * DAY, most, &count, &more));
        assert_ok(store_commit(store));
        sum += count;
    }
    return sum;
}

static void add_address(const struct audit_found *row, void *user)
{
    char *said = user;
    strcat(strcat(said, row->address[0] != '\0' ? row->address : "-"), " ");
}

/* The newest first. */
static void assert_addresses(struct store *store, const char *wanted)
{
    const struct audit_filter all = {.event = "", .actor = "", .until_ms = INT64_MAX};
    char said[1024] = "";
    int64_t next = -1, bad = -1;
    assert_ok(audit_search(store, &all, INT64_MAX, 100, add_address, said, &next));
    assert_string_equal(said, wanted);
    assert_ok(audit_verify(store, &bad));
    assert_int_equal(bad, 0);
}

static void test_sealed_until_their_term(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t due = 0;
    append_from(store, "192.0.2.1", T0);
    append_from(store, NULL, T0 + DAY);
    append_from(store, "2001:db8::7", T0 + 2 * DAY);
    append_from(store, "192.0.2.3", T0 + 3 * DAY);
    append_from(store, "192.0.2.4", T0 + 900 * DAY); /* by a clock that was ahead */
    append_from(store, "192.0.2.5", T0 + 5 * DAY);
    assert_addresses(store, "192.0.2.5 192.0.2.4 192.0.2.3 2001:db8::7 - 192.0.2.1 ");
    assert_int_equal(ask_int(store, "SELECT count(*) FROM audit WHERE length(ip) = 56"), 5);
    assert_ok(purge_count(store, PURGE_ADDRESSES, T0 + 3 * DAY, T0 + 400 * DAY, &due));
    assert_int_equal(due, 2);
    assert_int_equal(forget_until(store, T0 + 3 * DAY, 2), 2);
    assert_addresses(store, "192.0.2.5 192.0.2.4 192.0.2.3 - - - ");
    assert_int_equal(forget_until(store, T0 + 3 * DAY, 2), 0);
    assert_int_equal(forget_until(store, T0 + 6 * DAY, 500), 3);
    assert_addresses(store, "- - - - - - ");
    assert_int_equal(ask_int(store, "SELECT count(*) FROM audit WHERE length(ip) = 16"), 5);
}

/* One that comes twice would tell what both were sealed from. A row that is undone has used its. */
static void test_no_nonce_twice(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    for (int turn = 0; turn < 2; turn++) {
        assert_ok(db_begin(store->db));
        append_from(store, "192.0.2.1", T0);
        assert_ok(head_savepoint(store));
        append_from(store, "192.0.2.2", T0);
        head_rollback_to_savepoint(store);
        append_from(store, "192.0.2.3", T0);
        assert_ok(store_commit(store));
    }
    append_from(store, "192.0.2.4", T0);
    assert_int_equal(ask_int(store, "SELECT count(DISTINCT substr(ip, 1, 24)) FROM audit"), 5);
    /* a turn's are of one draw; the next turn's of another */
    assert_int_equal(ask_int(store, "SELECT count(DISTINCT substr(ip, 9, 16)) FROM audit"), 3);
}

static void test_more_than_a_batch(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    assert_ok(db_begin(store->db));
    for (int i = 0; i < 300; i++)
        append_from(store, i % 3 == 0 ? "192.0.2.1" : NULL, T0);
    assert_ok(store_commit(store));
    assert_int_equal(forget_until(store, T0 + DAY, 150), 100);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM audit WHERE length(ip) > 16"), 0);
}

static void test_under_the_next_master_key(void **state)
{
    struct fixture *f = *state;
    const struct audit_entry changed = {.event = "clave", .actor = "sistema", .result = "correcto"};
    if (fixture_server() != NULL)
        skip(); /* of a file alone */
    append_from(&f->store, "192.0.2.1", T0);
    append_from(&f->store, "192.0.2.2", T0 + 2 * DAY);
    assert_int_equal(forget_until(&f->store, T0 + DAY, 100), 1);
    struct rotation *rotation = rotation_copied(f);
    assert_int_equal(forget_until(&f->store, T0 + 3 * DAY, 100), 1); /* taken over already */
    assert_ok(rotation_finish(rotation, &changed, T0 + 4 * DAY));
    rotation_free(rotation);
    assert_addresses(&f->store, "- 192.0.2.2 - ");
    assert_int_equal(forget_until(&f->store, T0 + 3 * DAY, 100), 1);
    assert_addresses(&f->store, "- - - ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sealed_until_their_term, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_no_nonce_twice, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_more_than_a_batch, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_under_the_next_master_key, fixture_open,
                                        fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
