/* SPDX-License-Identifier: EUPL-1.2 */
/* How many rows the nightly retention destroys in a piece: by how long the last one held the loop,
 * in its statements or in its commit. The rows are made up, and so is what each costs. */
#include "tests/unit/test_store_fixture.h"

#include "base/clock.h"
#include "base/loop.h"
#include "service/purge.h"

#include <inttypes.h>

enum { PIECES = 64, LONG_US = 2500, LEAST = 20 };

/* The time of a row in the commit of its piece, and in the statement before. */
struct cost {
    int64_t commit_us, statement_us;
};

static struct scene {
    struct cost cost, later; /* `later` from the piece of this number on */
    size_t later_from;
    int64_t left; /* rows to destroy */
    int64_t sizes[PIECES];
    size_t count;
    int64_t written, cpu_us, passed_us;
} scene;

static const struct cost *cost_now(void)
{
    return scene.count > scene.later_from ? &scene.later : &scene.cost;
}

int64_t __wrap_clock_cpu_us(void);
int64_t __real_loop_now_us(const struct loop *loop);
int64_t __wrap_loop_now_us(const struct loop *loop);
enum cc_err __real_store_commit(struct store *store);
enum cc_err __wrap_store_commit(struct store *store);
enum cc_err __wrap_purge_piece(struct store *store, enum purge_kind kind, int64_t before_ms,
                               int64_t now_ms, int64_t most, int64_t *ret_count, bool *ret_more);

int64_t __wrap_clock_cpu_us(void)
{
    return scene.cpu_us;
}

int64_t __wrap_loop_now_us(const struct loop *loop)
{
    return __real_loop_now_us(loop) + scene.passed_us;
}

enum cc_err __wrap_store_commit(struct store *store)
{
    scene.cpu_us += scene.written * cost_now()->commit_us;
    scene.written = 0;
    return __real_store_commit(store);
}

enum cc_err __wrap_purge_piece(struct store *store, enum purge_kind kind, int64_t before_ms,
                               int64_t now_ms, int64_t most, int64_t *ret_count, bool *ret_more)
{
    (void)store;
    (void)before_ms;
    (void)now_ms;
    *ret_count = 0;
    *ret_more = false;
    if (kind != PURGE_MESSAGES)
        return CC_OK;
    assert_true(scene.count < PIECES);
    scene.sizes[scene.count++] = most;
    scene.written = *ret_count = most < scene.left ? most : scene.left;
    scene.passed_us += scene.written * cost_now()->statement_us;
    scene.left -= scene.written;
    *ret_more = scene.left > 0;
    return CC_OK;
}

/* Destroys so many rows in a run of the night. */
static void run_night(struct fixture *files, int64_t rows)
{
    static struct service service;
    struct loop *loop = loop_new();
    struct settings settings = {.terms = purge_default_terms};
    loop_drive(loop, T0);
    service = (struct service){.loop = loop,
                               .store = &files->store,
                               .turn = turn_new(loop, &files->store),
                               .settings = &settings};
    struct purge *purge = purge_new(&service, NULL);
    scene.left = rows;
    purge_look(purge, T0);
    while (purge_report_of(purge)->state == PURGE_RUNNING)
        (void)loop_step(loop, 1000000);
    assert_int_equal(purge_report_of(purge)->state, PURGE_DONE);
    assert_int_equal(purge_report_of(purge)->counts[PURGE_MESSAGES], rows);
    purge_free(purge);
    turn_free(service.turn);
    loop_free(loop);
}

static int64_t took_us(size_t piece)
{
    const struct cost *cost = piece + 1 > scene.later_from ? &scene.later : &scene.cost;
    int64_t commit_us = scene.sizes[piece] * cost->commit_us;
    int64_t statement_us = scene.sizes[piece] * cost->statement_us;
    return commit_us > statement_us ? commit_us : statement_us;
}

/* From this piece on none holds the loop for longer. */
static void check_short_from(size_t piece)
{
    assert_true(scene.count > piece + 1);
    for (; piece < scene.count; piece++)
        if (took_us(piece) > LONG_US && scene.sizes[piece] > LEAST)
            fail_msg("piece %zu: %" PRId64 " rows, %" PRId64 " us", piece, scene.sizes[piece],
                     took_us(piece));
}

static void test_dear_commits_are_cut(void **state)
{
    scene = (struct scene){.cost = {.commit_us = 80}, .later_from = PIECES};
    run_night(*state, 500);
    assert_true(took_us(0) > LONG_US);
    check_short_from(2);
}

static void test_dear_statements_are_cut(void **state)
{
    scene = (struct scene){.cost = {.statement_us = 80}, .later_from = PIECES};
    run_night(*state, 500);
    assert_true(took_us(0) > LONG_US);
    check_short_from(2);
}

/* Nor does a piece become so small that the night is too short. */
static void test_a_busy_machine_is_not_waited_for(void **state)
{
    scene = (struct scene){.cost = {.commit_us = 10000}, .later_from = PIECES};
    run_night(*state, 500);
    for (size_t i = 0; i < scene.count; i++)
        assert_true(scene.sizes[i] >= LEAST * 3 / 4);
}

/* Cheap rows go in great pieces, until they are cheap no more. */
static void test_pieces_grow_and_are_cut_again(void **state)
{
    scene = (struct scene){.cost = {.commit_us = 1}, .later = {.commit_us = 20}, .later_from = 12};
    run_night(*state, 6000);
    assert_in_range(scene.sizes[11], 400, 625);
    assert_true(took_us(12) > 3 * LONG_US);
    check_short_from(18);
}

int main(void)
{
    fixture_use_files(); /* what a row costs is made up, and so is the night */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_dear_commits_are_cut, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_dear_statements_are_cut, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_a_busy_machine_is_not_waited_for, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(test_pieces_grow_and_are_cut_again, fixture_open,
                                        fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
