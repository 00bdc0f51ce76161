/* SPDX-License-Identifier: EUPL-1.2 */
/* Acceptance by a person of a database that was edited without its key, and its anchor. */
#include "tests/unit/test_store_check_fixture.h"

#include "store/accept.h"

/* A break is told until a person accepts it, and again when there is a new one. */
static void test_what_is_accepted_is_known(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    fill(store);
    assert_ok(db_exec(store->db, "UPDATE audit SET at_ms = 1 WHERE id = 3;"
                                 "DELETE FROM failures WHERE id = 2;"
                                 "UPDATE requests SET tries = -5 WHERE id = 1;"
                                 "UPDATE citizens SET locked = 1"
                                 " WHERE id = (SELECT min(id) FROM citizens)"));
    fixture_reopen(f);
    assert_true(integrity_is_in_doubt(store));
    assert_ok(db_begin(store->db));
    assert_ok(store_accept(store, "control:uid 0", NULL, T0));
    db_rollback(store->db);
    assert_true(integrity_is_in_doubt(store)); /* not committed, not accepted */
    assert_ok(db_begin(store->db));
    assert_ok(store_accept(store, "control:uid 0", NULL, T0));
    assert_ok(store_commit(store));
    assert_false(integrity_is_in_doubt(store));
    fixture_reopen(f);
    assert_int_equal(store->integrity.facts, INTEGRITY_ROW); /* the citizen stays refused */
    struct check check = run_check(store, 100);
    assert_int_equal(check.audit.first_bad, 3);
    assert_false(audit_walk_is_broken(&check.audit));
    assert_int_equal(ask_int(store, "SELECT count(*) FROM requests WHERE id = 1"), 0);
    assert_ok(db_exec(store->db, "UPDATE audit SET at_ms = 1"
                                 " WHERE id = (SELECT max(id) FROM audit) - 0"));
    assert_ok(db_exec(store->db, "DELETE FROM failures WHERE id = 3"));
    fixture_reopen(f);
    assert_true(integrity_is_in_doubt(store));
}

/* However many rows were altered, one acceptance is enough. */
static void test_all_that_was_altered_goes_at_once(void **state)
{
    struct fixture *f = *state;
    fill(&f->store);
    assert_ok(db_begin(f->store.db));
    for (int i = 0; i < 250; i++)
        (void)add_failure(&f->store, 1, 1, "10.0.0.1", T0 + i);
    assert_ok(store_commit(&f->store));
    assert_ok(db_exec(f->store.db, "UPDATE failures SET settled = 1"));
    fixture_reopen(f);
    assert_true(integrity_is_in_doubt(&f->store));
    assert_ok(db_begin(f->store.db));
    assert_ok(store_accept(&f->store, "control:uid 0", NULL, T0));
    assert_ok(store_commit(&f->store));
    fixture_reopen(f);
    assert_int_equal(f->store.integrity.facts, 0);
    assert_int_equal(ask_int(&f->store, "SELECT count(*) FROM failures"), 0);
}

/* A number that was taken away without the key is no bar to the next one, once it is accepted. */
static void test_numbers_that_were_taken_away(void **state)
{
    struct fixture *f = *state;
    struct store *store = &f->store;
    int64_t highest_ms = 0;
    fill(store);
    for (int i = 0; i < 2; i++) { /* the first leaves a row of its own, which is edited too */
        assert_ok(db_exec(store->db, "UPDATE audit SET at_ms = 1"
                                     " WHERE id = (SELECT max(id) FROM audit) - 1;"
                                     "UPDATE meta SET number = NULL WHERE bytes IS NULL"));
        fixture_reopen(f);
        assert_true(integrity_is_in_doubt(store));
        assert_ok(db_begin(store->db));
        assert_ok(store_accept(store, "control:uid 0", NULL, T0));
        assert_ok(store_commit(store));
        fixture_reopen(f);
        assert_int_equal(store->integrity.facts, 0);
        assert_ok(store_raise_time(store, T0 + i));
        assert_ok(store_highest_time(store, &highest_ms));
        assert_int_equal(highest_ms, T0 + i);
    }
}

static void copy_file(const char *from, const char *to)
{
    static uint8_t bytes[1 << 22];
    size_t len = 0;
    (void)unlink(to);
    assert_ok(fsx_read(from, bytes, sizeof bytes, &len));
    assert_ok(fsx_create(to, bytes, len, 0600));
}

/* An older copy of the same database, another database of the same key, and no anchor. */
static void test_the_anchor_knows_the_last(void **state)
{
    needs_file();
    struct fixture *f = *state;
    char old[340], anchor[340];
    (void)snprintf(old, sizeof old, "%s.old", f->db_path);
    (void)snprintf(anchor, sizeof anchor, "%s.ancla", f->key_path);
    fill(&f->store);
    store_close(&f->store);
    copy_file(f->db_path, old);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(f->store.integrity.facts, 0);
    assert_ok(clients_revoke(&f->store, "sede", T0 + 2));
    const struct audit_entry entry = {.event = "e", .actor = "a", .result = "r"};
    assert_ok(audit_append(&f->store, &entry, T0, NULL));
    store_close(&f->store);
    copy_file(old, f->db_path);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(f->store.integrity.facts, INTEGRITY_OLD);
    store_close(&f->store);
    assert_ok(store_open(f->db_path, f->key_path, &f->store)); /* it is not forgotten */
    assert_int_equal(f->store.integrity.facts, INTEGRITY_OLD);
    store_close(&f->store);
    assert_ok(store_accept_file(f->db_path, f->key_path, "contraclavectl restaura", T0));
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(f->store.integrity.facts, 0);
    store_close(&f->store);
    assert_int_equal(unlink(anchor), 0);
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    assert_int_equal(f->store.integrity.facts, INTEGRITY_NO_ANCHOR);
    store_close(&f->store);
    assert_ok(store_accept_file(f->db_path, f->key_path, "contraclavectl restaura", T0));
    assert_int_equal(unlink(f->db_path), 0);
    assert_ok(store_open(f->db_path, f->key_path, &f->store)); /* an empty one in its place */
    assert_int_equal(f->store.integrity.facts, INTEGRITY_SWAPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_what_is_accepted_is_known),
        fixture_test(test_all_that_was_altered_goes_at_once),
        fixture_test(test_numbers_that_were_taken_away),
        fixture_test(test_the_anchor_knows_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
