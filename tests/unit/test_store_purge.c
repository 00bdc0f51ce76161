/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows that have had their term go, kind by kind, and none more; the trail stays a chain. */
#include "tests/unit/test_store_fixture.h"

#include "store/audit.h"
#include "store/audit_search.h"
#include "store/check.h"
#include "store/evidence.h"
#include "store/monthly.h"

static void append(struct store *store, int64_t at_ms)
{
    const struct audit_entry entry = {
        .event = "solicitud", .actor = "cliente:sede", .result = "enviar", .reference = 7};
    assert_ok(audit_append(store, &entry, at_ms, NULL));
}

static void fold(struct store *store)
{
    bool more = true;
    assert_ok(db_begin(store->db));
    while (more)
        assert_ok(monthly_fold(store, &more));
    assert_ok(store_commit(store));
}

static int64_t trim(struct store *store, int64_t before_ms, int64_t most)
{
    int64_t count = -1;
    assert_ok(db_begin(store->db));
    assert_ok(audit_trim(store, before_ms, T0 + 400 * DAY, most, &count));
    assert_ok(store_commit(store));
    return count;
}

/* Rows 1 to count, a day after the other. */
static void fill(struct store *store, int count)
{
    for (int i = 0; i < count; i++)
        append(store, T0 + i * DAY);
    fold(store);
}

static bool is_good(struct store *store)
{
    struct check check;
    bool more = true;
    int64_t bad = -1;
    check_begin(&check, store, NULL, NULL);
    while (more)
        assert_ok(check_step(&check, 100, &more));
    assert_ok(audit_verify(store, &bad));
    assert_true(check_is_good(&check) == (bad == 0));
    return bad == 0;
}

static int64_t rows(struct store *store)
{
    return ask_int(store, "SELECT count(*) FROM audit");
}

static void test_the_trail_begins_later(void **state)
{
    struct fixture *f = *state;
    fill(&f->store, 10);
    assert_int_equal(trim(&f->store, T0 + 4 * DAY, 3), 3);
    assert_int_equal(trim(&f->store, T0 + 4 * DAY, 3), 1);
    assert_int_equal(trim(&f->store, T0 + 4 * DAY, 3), 0);
    assert_int_equal(ask_int(&f->store, "SELECT min(id) FROM audit"), 5);
    assert_true(is_good(&f->store));
    append(&f->store, T0 + 20 * DAY);
    fixture_reopen(f);
    assert_int_equal(f->store.integrity.facts, 0);
    assert_true(is_good(&f->store));
}

static void test_the_last_row_stays(void **state)
{
    struct fixture *f = *state;
    fill(&f->store, 10);
    while (trim(&f->store, T0 + 300 * DAY, 4) > 0)
        continue;
    assert_int_equal(rows(&f->store), 1);
    fixture_reopen(f);
    assert_int_equal(f->store.integrity.facts, 0);
    assert_true(is_good(&f->store));
}

static void test_what_is_not_counted_yet_stays(void **state)
{
    struct fixture *f = *state;
    fill(&f->store, 3);
    for (int i = 3; i < 10; i++)
        append(&f->store, T0 + i * DAY);
    assert_int_equal(trim(&f->store, T0 + 300 * DAY, 100), 3);
}

/* Rows that a clock wrote which was ahead go with the one behind them. */
static void test_rows_of_the_future(void **state)
{
    struct fixture *f = *state;
    append(&f->store, T0);
    append(&f->store, T0 + 900 * DAY);
    append(&f->store, T0 + 901 * DAY);
    append(&f->store, T0 + DAY);
    append(&f->store, T0 + 902 * DAY);
    append(&f->store, T0 + 200 * DAY);
    append(&f->store, T0 + 201 * DAY);
    fold(&f->store);
    assert_int_equal(trim(&f->store, T0 + 2 * DAY, 2), 1); /* no due one behind it in this piece */
    assert_int_equal(trim(&f->store, T0 + 2 * DAY, 3), 3);
    assert_int_equal(ask_int(&f->store, "SELECT min(id) FROM audit"), 5);
    assert_true(is_good(&f->store));
}

/* Each is told, and nothing is taken off such a trail. */
static void test_edits_are_told(void **state)
{
    static const char *const edits[] = {
        "DELETE FROM audit WHERE id = 5",
        "DELETE FROM audit WHERE id < 7",
        "DELETE FROM meta WHERE name = 'audit_start'",
        "UPDATE meta SET number = 5 WHERE name = 'audit_start'",
        "UPDATE meta SET bytes = (SELECT tag FROM audit WHERE id = 9) WHERE name = 'audit_start'",
        "UPDATE audit SET result = 'x' WHERE id = 6",
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        struct fixture *f = *state;
        fill(&f->store, 10);
        assert_int_equal(trim(&f->store, T0 + 4 * DAY, 100), 4);
        assert_ok(db_exec(f->store.db, edits[i]));
        int64_t before = rows(&f->store), count = -1;
        if (is_good(&f->store))
            fail_msg("edit %zu is not told", i);
        assert_ok(audit_trim(&f->store, T0 + 8 * DAY, T0 + 400 * DAY, 100, &count));
        assert_int_equal(count, 0);
        assert_int_equal(rows(&f->store), before);
        assert_true(integrity_is_in_doubt(&f->store));
        assert_int_equal(fixture_close(state), 0);
        assert_int_equal(fixture_open(state), 0);
    }
}

static void visit(const struct audit_found *row, void *user)
{
    (void)row;
    ++*(int *)user;
}

static void test_a_search_ends_at_the_first_row(void **state)
{
    struct fixture *f = *state;
    const struct audit_filter filter = {.event = "", .actor = "", .until_ms = INT64_MAX};
    int found = 0;
    int64_t next = -1;
    fill(&f->store, 10);
    assert_int_equal(trim(&f->store, T0 + 4 * DAY, 100), 4);
    assert_ok(audit_search(&f->store, &filter, INT64_MAX, 6, visit, &found, &next));
    assert_int_equal(found, 6);
    assert_int_equal(next, 0);
}

static void test_end_users_addresses(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    struct evidence evidence = {.nif = {.text = "12345678Z"},
                                .phone = {.e164 = "+34600123123"},
                                .client = "cliente:sede",
                                .client_address = "10.0.0.1",
                                .address = "203.0.113.7",
                                .config = "c"};
    struct evidence read;
    bool more = false;
    for (int id = 1; id <= 4; id++) {
        evidence.at_ms = T0 + id * DAY;
        assert_ok(evidence_add(store, id, &evidence));
        assert_ok(evidence_close(store));
    }
    int64_t now_ms = T0 + (90 + 3) * DAY;
    assert_ok(evidence_settle(store, now_ms, 200, &more));
    int64_t due = 0;
    assert_ok(purge_count(store, PURGE_ADDRESSES, T0 + 3 * DAY, now_ms, &due));
    assert_int_equal(due, 2);
    assert_int_equal(purge_kind(store, PURGE_ADDRESSES, now_ms), 2);
    assert_int_equal(purge_kind(store, PURGE_ADDRESSES, now_ms), 0);
    for (int id = 1; id <= 4; id++) {
        assert_ok(evidence_find(store, id, &read));
        assert_string_equal(read.address, id < 3 ? "" : "203.0.113.7");
        assert_string_equal(read.client_address, "10.0.0.1");
        assert_string_equal(read.nif.text, "12345678Z");
    }
    assert_int_equal(purge_kind(store, PURGE_EVIDENCE, T0 + (1095 + 3) * DAY), 2);
}

/* A row that stays does not keep those behind it; the count before says what goes. */
static void test_messages(void **state)
{
    struct store *store = &((struct fixture *)*state)->store;
    int64_t due = 0, now_ms = T0 + 31 * DAY;
    for (int i = 0; i < 20; i++) {
        int64_t id = add_message(store, "+34600123123", T0 + i * HOUR);
        assert_ok(outbox_claim(store, id, "principal", T0));
        if (i % 5 != 0)
            assert_ok(outbox_sent(store, id, 1, T0));
    }
    assert_ok(db_exec(store->db, "UPDATE outbox SET done_ms = 1 WHERE state <> 1"));
    assert_ok(purge_count(store, PURGE_MESSAGES, now_ms - 30 * DAY, now_ms, &due));
    assert_int_equal(due, 16);
    assert_int_equal(purge_kind(store, PURGE_MESSAGES, now_ms), 16);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM outbox"), 4);
}

static void test_run_is_remembered(void **state)
{
    struct fixture *f = *state;
    int64_t last = -1;
    assert_ok(purge_last_run(&f->store, &last));
    assert_int_equal(last, 0);
    assert_ok(purge_set_last_run(&f->store, T0));
    fixture_reopen(f);
    assert_ok(purge_last_run(&f->store, &last));
    assert_int_equal(last, T0);
}

#define store_test(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_test(test_the_trail_begins_later),
        store_test(test_the_last_row_stays),
        store_test(test_what_is_not_counted_yet_stays),
        store_test(test_rows_of_the_future),
        store_test(test_edits_are_told),
        store_test(test_a_search_ends_at_the_first_row),
        store_test(test_end_users_addresses),
        store_test(test_messages),
        store_test(test_run_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
