/* SPDX-License-Identifier: EUPL-1.2 */
/* A driven loop: its clocks move from timer to timer, and nothing waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)
#define WALL_MS INT64_C(1795000000000)

struct bench {
    struct loop *loop;
    char order[16]; /* a letter for each event */
    int64_t start_us;
    struct loop_source *again;
    unsigned rounds;
};

static struct bench b;

static int set_up(void **state)
{
    b = (struct bench){.loop = loop_new()};
    loop_drive(b.loop, WALL_MS);
    b.start_us = loop_now_us(b.loop);
    *state = &b;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(b.loop);
    return 0;
}

static void note(char letter)
{
    size_t len = strlen(b.order);
    assert_true(len + 1 < sizeof(b.order));
    b.order[len] = letter;
}

static void on_a(void *user)
{
    (void)user;
    note('a');
}

static void on_b(void *user)
{
    (void)user;
    note('b');
}

static void on_fd(uint32_t events, void *user)
{
    char byte;
    (void)events;
    assert_int_equal(read(*(int *)user, &byte, 1), 1);
    note(byte);
}

static void run_for(int64_t us)
{
    int64_t end_us = loop_now_us(b.loop) + us;
    while (loop_step(b.loop, (uint64_t)(end_us - loop_now_us(b.loop))) ||
           loop_now_us(b.loop) < end_us)
        ;
}

static void test_the_clocks_stand_still_but_for_steps(void **state)
{
    (void)state;
    int64_t real_us = clock_mono_us();
    while (clock_mono_us() - real_us < 3000)
        loop_step(b.loop, 0);
    assert_int_equal(loop_now_us(b.loop), b.start_us);
    loop_step(b.loop, DAY_US);
    assert_int_equal(loop_now_us(b.loop), b.start_us + DAY_US);
    assert_int_equal(loop_wall_ms(b.loop), WALL_MS + DAY_US / 1000);
    assert_int_equal(loop_boot_ms(b.loop), (b.start_us + DAY_US) / 1000);
}

static void test_timers_run_in_the_order_of_their_deadlines(void **state)
{
    (void)state;
    struct loop_source *early = loop_add_timer(b.loop, LOOP_PRIORITY_NORMAL, on_a, NULL);
    struct loop_source *late = loop_add_timer(b.loop, LOOP_PRIORITY_URGENT, on_b, NULL);
    loop_timer_set(late, b.start_us + DAY_US + 1);
    loop_timer_set(early, b.start_us + DAY_US);
    run_for(DAY_US - 1);
    assert_string_equal(b.order, "");
    run_for(1);
    assert_string_equal(b.order, "a");
    run_for(1);
    assert_string_equal(b.order, "ab");
    loop_timer_set(early, b.start_us); /* in the past: on the next pass */
    loop_timer_set(late, loop_now_us(b.loop) + 10);
    loop_timer_clear(late);
    run_for(DAY_US);
    assert_string_equal(b.order, "aba"); /* each setting is one shot */
    loop_source_free(early);
    loop_source_free(late);
}

static void test_what_is_due_together_runs_by_priority(void **state)
{
    (void)state;
    struct loop_source *normal = loop_add_timer(b.loop, LOOP_PRIORITY_NORMAL, on_a, NULL);
    struct loop_source *urgent = loop_add_timer(b.loop, LOOP_PRIORITY_URGENT, on_b, NULL);
    loop_timer_set(normal, b.start_us + 5);
    loop_timer_set(urgent, b.start_us + 5);
    run_for(5);
    assert_string_equal(b.order, "ba");
    loop_source_free(normal);
    loop_source_free(urgent);
}

/* A ready descriptor comes before any later moment. */
static void test_a_descriptor_is_read_before_the_clocks_move(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    struct loop_source *fd = loop_add_fd(b.loop, ends[0], EPOLLIN, on_fd, &ends[0]);
    struct loop_source *timer = loop_add_timer(b.loop, LOOP_PRIORITY_URGENT, on_a, NULL);
    loop_timer_set(timer, b.start_us + 1);
    assert_int_equal(write(ends[1], "12", 2), 2);
    run_for(1);
    assert_string_equal(b.order, "12a");
    loop_source_free(fd);
    loop_source_free(timer);
    close(ends[0]);
    close(ends[1]);
}

/* A source at the end of a pass runs once for all that was ready, and does not count itself. */
static void test_the_end_of_a_pass(void **state)
{
    (void)state;
    struct loop_source *post = loop_add_post(b.loop, on_b, NULL);
    struct loop_source *timers[2];
    for (size_t i = 0; i < 2; i++) {
        timers[i] = loop_add_timer(b.loop, LOOP_PRIORITY_NORMAL, on_a, NULL);
        loop_timer_set(timers[i], b.start_us + SECOND_US);
    }
    run_for(SECOND_US - 1);
    assert_string_equal(b.order, "");
    assert_int_equal(loop_dispatched(b.loop), 0);
    run_for(DAY_US);
    assert_string_equal(b.order, "aab");
    assert_int_equal(loop_dispatched(b.loop), 2);
    for (size_t i = 0; i < 2; i++)
        loop_source_free(timers[i]);
    loop_source_free(post);
}

static void on_again(void *user)
{
    struct bench *bench = user;
    bench->rounds++;
    loop_timer_set(bench->again, loop_now_us(bench->loop) + 60 * SECOND_US);
}

static void test_a_month_of_minutes(void **state)
{
    (void)state;
    b.again = loop_add_timer(b.loop, LOOP_PRIORITY_NORMAL, on_again, &b);
    loop_timer_set(b.again, b.start_us + 60 * SECOND_US);
    run_for(30 * DAY_US);
    assert_int_equal(b.rounds, 30 * 1440);
    loop_source_free(b.again);
}

static void test_the_wall_clock_is_set_alone(void **state)
{
    (void)state;
    run_for(SECOND_US);
    loop_drive(b.loop, WALL_MS - 3600 * 1000);
    assert_int_equal(loop_wall_ms(b.loop), WALL_MS - 3600 * 1000);
    assert_int_equal(loop_now_us(b.loop), b.start_us + SECOND_US);
    run_for(SECOND_US);
    assert_int_equal(loop_wall_ms(b.loop), WALL_MS - 3600 * 1000 + 1000);
}

static void on_long_pass(void *user)
{
    struct loop *loop = user;
    int64_t pass_us = loop_pass_us(loop);
    while (loop_now_us(loop) < pass_us + 1000)
        ;
    assert_int_equal(loop_pass_us(loop), pass_us);
    b.start_us = pass_us;
    note('p');
}

static void test_the_time_of_a_pass(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct loop_source *source = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, on_long_pass, loop);
    for (int pass = 0; pass < 2; pass++) {
        int64_t before_us = loop_now_us(loop), last_us = b.start_us;
        loop_deferred_arm(source);
        loop_step(loop, SECOND_US);
        assert_in_range(b.start_us, before_us, loop_now_us(loop));
        assert_true(b.start_us > last_us);
    }
    assert_string_equal(b.order, "pp");
    assert_int_equal(loop_pass_us(b.loop), loop_now_us(b.loop)); /* driven */
    loop_source_free(source);
    loop_free(loop);
}

/* The loop of the program goes by the clocks of base/clock. */
static void test_a_loop_that_is_not_driven(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    int64_t before_us = clock_mono_us(), now_us = loop_now_us(loop);
    assert_in_range(now_us, before_us, clock_mono_us());
    int64_t wall_ms = clock_wall_ms();
    assert_in_range(loop_wall_ms(loop), wall_ms, clock_wall_ms());
    int64_t boot_ms = clock_boot_ms();
    assert_in_range(loop_boot_ms(loop), boot_ms, clock_boot_ms());
    struct loop_source *timer = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_a, NULL);
    loop_timer_set(timer, loop_now_us(loop) + 5000);
    while (b.order[0] == '\0')
        loop_step(loop, SECOND_US);
    assert_true(loop_now_us(loop) >= now_us + 5000);
    loop_source_free(timer);
    loop_free(loop);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_the_clocks_stand_still_but_for_steps),
        T(test_timers_run_in_the_order_of_their_deadlines),
        T(test_what_is_due_together_runs_by_priority),
        T(test_a_descriptor_is_read_before_the_clocks_move),
        T(test_the_end_of_a_pass),
        T(test_a_month_of_minutes),
        T(test_the_wall_clock_is_set_alone),
        T(test_the_time_of_a_pass),
        T(test_a_loop_that_is_not_driven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
