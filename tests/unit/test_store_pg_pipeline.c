/* SPDX-License-Identifier: EUPL-1.2 */
/* Statements that go to a server together: what becomes of their errors, and of their answers. */
#include "tests/unit/test_pg_fixture.h"

#include "store/db_ahead.h"
#include "store/engine.h"

static enum cc_err insert_later(struct db *db, int64_t number)
{
    struct db_stmt *st =
        db_query(db, "INSERT INTO ip_requests (ip_tag, created_ms) VALUES ($1, $2)");
    db_bind_blob(st, 1, "0123456789abcdef", SECRET_TAG_BYTES);
    db_bind_int(st, 2, number);
    return db_run_later(st);
}

/* Each name is there once. */
static enum cc_err name_later(struct db *db, const char *name)
{
    struct db_stmt *st = db_query(db, "INSERT INTO meta (name, number) VALUES ($1, 1)");
    db_bind_text(st, 1, name);
    return db_run_later(st);
}

static int64_t count_numbers(struct db *db, int64_t below)
{
    int64_t count = -1;
    struct db_stmt *st = db_query(db, "SELECT count(*) FROM ip_requests WHERE created_ms < $1");
    db_bind_int(st, 1, below);
    assert_ok(db_run_int(st, &count));
    return count;
}

/* More than go at once; the number of changes is known though nothing was answered yet. */
static void test_many_writes_wait(void **state)
{
    enum { MANY = 300 };
    struct db *db = ((struct fixture *)*state)->store.db;
    assert_ok(db_begin(db));
    assert_false(db_has_changed(db));
    for (int64_t i = 0; i < MANY; i++) {
        assert_ok(db_savepoint(db));
        assert_ok(insert_later(db, i));
        assert_ok(db_release(db));
    }
    assert_true(db_in_transaction(db));
    assert_int_equal(count_numbers(db, MANY), MANY);
    assert_ok(insert_later(db, MANY));
    assert_ok(db_commit(db));
    assert_false(db_in_transaction(db));
    assert_int_equal(count_numbers(db, MANY + 1), MANY + 1);
    assert_ok(db_begin(db));
    assert_ok(insert_later(db, 0));
    assert_true(db_has_changed(db));
    db_rollback(db);
    assert_int_equal(count_numbers(db, MANY + 1), MANY + 1);
}

/* The request before was told that it is written: its error must not pass for that of the next,
 * which would be undone alone, and the commit go well. */
static void test_a_write_that_fails_late_fails_the_commit(void **state)
{
    struct db *db = ((struct fixture *)*state)->store.db;
    uint64_t rollbacks = db_rollbacks(db);
    int64_t unused = 0;
    assert_ok(db_begin(db));
    assert_ok(db_savepoint(db));
    assert_ok(insert_later(db, 1));
    assert_ok(name_later(db, "key_check")); /* which is there */
    assert_ok(db_release(db));
    assert_ok(db_savepoint(db));
    assert_int_not_equal(db_run_int(db_query(db, "SELECT count(*) FROM meta"), &unused), CC_OK);
    assert_false(db_in_transaction(db));
    db_rollback_to_savepoint(db);
    assert_int_not_equal(db_savepoint(db), CC_OK);
    assert_int_not_equal(insert_later(db, 2), CC_OK);
    assert_int_not_equal(db_commit(db), CC_OK);
    assert_int_not_equal(db_begin(db), CC_OK); /* who began it has not been told yet */
    db_rollback(db);
    assert_true(db_rollbacks(db) > rollbacks + 1);
    assert_int_equal(db_fault(db), DB_FAULT_NONE);
    assert_int_equal(count_numbers(db, 10), 0);
    assert_ok(db_begin(db)); /* the error is met by the COMMIT itself */
    assert_ok(insert_later(db, 1));
    assert_ok(name_later(db, "key_check"));
    assert_int_not_equal(db_commit(db), CC_OK);
    db_rollback(db);
    assert_int_equal(count_numbers(db, 10), 0);
    assert_ok(db_begin(db));
    assert_ok(insert_later(db, 1));
    assert_ok(name_later(db, "new"));
    assert_ok(db_commit(db));
    assert_int_equal(count_numbers(db, 10), 1);
}

static void test_a_row_that_is_not_there_fails_the_commit(void **state)
{
    static const char touch[] = "UPDATE meta SET number = 1 WHERE name = 'nothing'";
    struct db *db = ((struct fixture *)*state)->store.db;
    assert_ok(db_begin(db));
    assert_ok(insert_later(db, 1));
    assert_ok(db_run_one_later(db_query(db, touch)));
    assert_int_not_equal(db_run(db_query(db, "SELECT number FROM meta")), CC_OK);
    assert_int_not_equal(db_commit(db), CC_OK);
    db_rollback(db);
    assert_int_equal(count_numbers(db, 10), 0);
    assert_ok(db_begin(db));
    assert_ok(db_run_one_later(db_query(db, touch)));
    assert_int_not_equal(db_commit(db), CC_OK); /* done, but told as one that was cut */
    db_rollback(db);
    assert_ok(db_begin(db));
    db_rollback(db);
}

/* A SELECT that fails takes nothing of others along. */
static void test_a_question_that_fails_is_undone_alone(void **state)
{
    struct db *db = ((struct fixture *)*state)->store.db;
    assert_ok(db_begin(db));
    assert_ok(db_savepoint(db));
    assert_ok(insert_later(db, 1));
    assert_ok(db_release(db));
    assert_ok(db_savepoint(db));
    assert_ok(insert_later(db, 2));
    assert_int_not_equal(db_run(db_query(db, "SELECT 1 / (SELECT count(*) FROM alerts)")), CC_OK);
    assert_true(db_in_transaction(db));
    db_rollback_to_savepoint(db);
    assert_ok(insert_later(db, 3));
    assert_ok(db_commit(db));
    assert_int_equal(count_numbers(db, 10), 2);
}

/* An answer that was asked ahead is as of then; a write makes it old. */
static void test_questions_are_asked_ahead(void **state)
{
    struct fixture *f = *state;
    struct db *db = f->store.db;
    struct store other = {0};
    assert_ok(store_open(f->db_path, f->key_path, &other));
    assert_false(db_ask_ahead(db, true)); /* only in a transaction */
    assert_ok(db_begin(db));
    assert_ok(insert_later(db, 1));
    assert_true(db_ask_ahead(db, true));
    assert_int_equal(count_numbers(db, 10), 0);
    assert_int_equal(count_numbers(db, 20), 0);
    assert_int_not_equal(db_run(db_query(db, "DELETE FROM ip_requests")), CC_OK);
    (void)db_ask_ahead(db, false);
    assert_int_equal(count_numbers(db, 20), 1);
    assert_ok(db_exec(other.db, "INSERT INTO ip_requests (ip_tag, created_ms) VALUES ('', 2)"));
    assert_int_equal(count_numbers(db, 10), 1); /* as of then */
    assert_int_equal(count_numbers(db, 10), 2); /* once */
    assert_true(db_ask_ahead(db, true));
    assert_int_equal(count_numbers(db, 10), 0);
    (void)db_ask_ahead(db, false);
    assert_ok(insert_later(db, 3));
    assert_int_equal(count_numbers(db, 10), 3);
    assert_ok(db_commit(db));
    store_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_many_writes_wait),
        fixture_test(test_a_write_that_fails_late_fails_the_commit),
        fixture_test(test_a_row_that_is_not_there_fails_the_commit),
        fixture_test(test_a_question_that_fails_is_undone_alone),
        fixture_test(test_questions_are_asked_ahead),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
