/* SPDX-License-Identifier: EUPL-1.2 */
/* The grouped commit: who waits is told after it, it comes in bounded time, and one failure is its
 * own. */
#include "tests/unit/test_store_fixture.h"

#include "base/clock.h"
#include "service/turn.h"

enum { BOUND_US = 20000, PATIENCE_US = 2000000 };

struct bench {
    struct fixture *store;
    struct loop *loop;
    struct turn *turn;
    struct loop_source *busy;
    int told, committed;
};

static int set_up(void **state)
{
    static struct bench b;
    b = (struct bench){.loop = loop_new()};
    fixture_open((void **)&b.store);
    b.turn = turn_new(b.loop, &b.store->store);
    *state = &b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    loop_source_free(b->busy);
    turn_free(b->turn);
    loop_free(b->loop);
    return fixture_close((void **)&b->store);
}

static void on_commit(bool committed, void *user)
{
    struct bench *b = user;
    b->told++;
    b->committed += committed;
}

static void again(void *user)
{
    struct bench *b = user;
    loop_deferred_arm(b->busy);
}

/* Writes a row inside the turn; keep says whether it is to stay. */
static void write_row(struct bench *b, const char *sql, bool keep)
{
    assert_ok(turn_enter(b->turn));
    assert_ok(db_exec(b->store->store.db, sql));
    turn_leave(b->turn, keep);
    turn_after(b->turn, on_commit, b);
}

static int64_t rows(struct bench *b)
{
    return ask_int(&b->store->store, "SELECT count(*) FROM meta WHERE name LIKE 'prueba%'");
}

static void run_until_told(struct bench *b, int wanted)
{
    int64_t end_us = clock_mono_us() + PATIENCE_US;
    while (b->told < wanted && clock_mono_us() < end_us)
        loop_step(b->loop, 1000);
    assert_int_equal(b->told, wanted);
}

static void test_one_commit_for_all_and_nobody_is_told_before(void **state)
{
    struct bench *b = *state;
    write_row(b, "INSERT INTO meta (name) VALUES ('prueba1')", true);
    write_row(b, "INSERT INTO meta (name) VALUES ('prueba2')", false);
    write_row(b, "INSERT INTO meta (name) VALUES ('prueba3')", true);
    assert_int_equal(b->told, 0);
    assert_true(db_in_transaction(b->store->store.db));
    run_until_told(b, 3);
    assert_int_equal(b->committed, 3);
    assert_false(db_in_transaction(b->store->store.db));
    assert_int_equal(rows(b), 2); /* what was not kept is gone, and only it */
}

/* Who waits for the commit of what was undone before hears that it was not kept. */
static void test_what_is_undone_is_told_as_such(void **state)
{
    struct bench *b = *state;
    write_row(b, "INSERT INTO meta (name) VALUES ('prueba1')", true);
    for (int keep = 0; keep <= 1; keep++) {
        assert_ok(turn_enter(b->turn));
        turn_after(b->turn, on_commit, b);
        turn_leave(b->turn, keep != 0);
    }
    run_until_told(b, 3);
    assert_int_equal(b->committed, 2);
}

/* A source that is always ready runs before the commit's priority: the commit comes all the same.
 */
static void test_a_busy_loop_does_not_hold_off_the_commit(void **state)
{
    needs_file(); /* the time of a commit is the server's there */
    struct bench *b = *state;
    b->busy = loop_add_deferred(b->loop, LOOP_PRIORITY_NORMAL, again, b);
    loop_deferred_arm(b->busy);
    int64_t start_us = clock_mono_us(); /* before the bound begins */
    write_row(b, "INSERT INTO meta (name) VALUES ('prueba1')", true);
    run_until_told(b, 1);
    assert_int_equal(b->committed, 1);
    assert_true(clock_mono_us() - start_us >=
                BOUND_US / 2); /* it was the bound, not a quiet loop */
}

/* The engine has rolled back by itself, as on a full disk: those who wait hear that nothing was
 * kept. */
static void test_a_lost_transaction_is_told(void **state)
{
    struct bench *b = *state;
    write_row(b, "INSERT INTO meta (name) VALUES ('prueba1')", true);
    assert_ok(db_exec(b->store->store.db, "ROLLBACK"));
    run_until_told(b, 1);
    assert_int_equal(b->committed, 0);
    write_row(b, "INSERT INTO meta (name) VALUES ('prueba2')", true);
    run_until_told(b, 2);
    assert_int_equal(b->committed, 1);
    assert_int_equal(rows(b), 1);
}

static void test_flush_commits_now(void **state)
{
    struct bench *b = *state;
    write_row(b, "INSERT INTO meta (name) VALUES ('prueba1')", true);
    turn_flush(b->turn);
    assert_int_equal(b->committed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_commit_for_all_and_nobody_is_told_before, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_undone_is_told_as_such, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_busy_loop_does_not_hold_off_the_commit, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_lost_transaction_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flush_commits_now, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
