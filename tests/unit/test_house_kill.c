/* SPDX-License-Identifier: EUPL-1.2 */
/* A kill between any two passes of the loop: every message arrives, and only the one that was on
 * the line arrives twice. */
#include "tests/unit/test_house_fixture.h"

enum { MESSAGES = 3, PASSES_MAX = 1000 };

static void phone_of(int number, char ret[PHONE_SIZE])
{
    (void)snprintf(ret, PHONE_SIZE, "+3460000%04d", number);
}

static bool is_settled(struct house *h)
{
    return house_count_state(h, OUTBOX_QUEUED) + house_count_state(h, OUTBOX_SENDING) +
               house_count_state(h, OUTBOX_UNKNOWN) ==
           0;
}

/* The number that the network took a message for last; "" = none. */
static void last_number(const struct house_line *line, char ret[PHONE_SIZE])
{
    json_t *messages = sim_handset_messages(&line->sim->handset, NULL);
    size_t count = json_array_size(messages);
    json_t *last = json_object_get(json_array_get(messages, count - 1), "number");
    (void)snprintf(ret, PHONE_SIZE, "%s", count > 0 ? json_string_value(last) : "");
    json_decref(messages);
}

static struct house *open_with_messages(void)
{
    struct house *h = house_new();
    struct sim_config sim;
    sim_config_default(&sim);
    sim.cmgs_latency_us = 60000; /* the next message is claimed meanwhile */
    h->settings.report_window_ms = SECOND;
    house_add_modem(h, &sim);
    house_start(h);
    house_await(h, modem_is_ready(h->lines[0].modem), 10 * SECOND);
    for (int i = 0; i < MESSAGES; i++) {
        char phone[PHONE_SIZE];
        phone_of(i, phone);
        (void)house_post(h, phone, OUTBOX_CONTRACLAVE);
    }
    while (db_in_transaction(h->files->store.db))
        house_step(h, loop_now_us(h->loop));
    return h;
}

static void check_copies(struct house *h, int passes, const char *on_the_line)
{
    for (int i = 0; i < MESSAGES; i++) {
        char phone[PHONE_SIZE];
        phone_of(i, phone);
        size_t times = house_count_received(&h->lines[0], phone);
        if (times < 1 || times > (strcmp(phone, on_the_line) == 0 ? 2 : 1))
            fail_msg("killed after %d passes: message %d came %zu times", passes, i, times);
    }
}

/* False when everything was over before the kill. */
static bool kill_after(int passes)
{
    char on_the_line[PHONE_SIZE];
    struct house *h = open_with_messages();
    for (int i = 0; i < passes; i++) {
        if (i % 8 == 0) /* somebody else's request ends a turn */
            turn_request(h->service.turn);
        house_step(h, loop_now_us(h->loop) + 10000);
    }
    bool is_over = is_settled(h);
    last_number(&h->lines[0], on_the_line);
    house_kill(h);
    house_start(h);
    house_await(h, is_settled(h), 60 * MINUTE);
    check_copies(h, passes, on_the_line);
    house_free(h);
    return !is_over;
}

static void test_only_the_one_on_the_line_comes_twice(void **state)
{
    int passes = 0;
    (void)state;
    while (kill_after(passes))
        assert_in_range(++passes, 1, PASSES_MAX);
    assert_true(passes > 20 * MESSAGES); /* the kills fell into the sending */
}

/* A program that ends and starts again does not begin the minute of a SIM anew. */
static void test_the_pace_of_a_sim_outlives_the_program(void **state)
{
    enum { PER_MINUTE = 3, WAITING = 8 };
    struct house *h = house_new();
    struct sim_config sim;
    (void)state;
    sim_config_default(&sim);
    house_add_modem(h, &sim);
    h->lines[0].limits.per_minute = PER_MINUTE;
    house_start(h);
    house_await(h, modem_is_ready(h->lines[0].modem), 10 * SECOND);
    for (int i = 0; i < WAITING; i++) {
        char phone[PHONE_SIZE];
        phone_of(i, phone);
        (void)house_post(h, phone, OUTBOX_CONTRACLAVE);
    }
    house_await(h, house_count_state(h, OUTBOX_QUEUED) == WAITING - PER_MINUTE, 10 * SECOND);
    for (int i = 0; i < 4; i++) {
        house_live(h, 5 * SECOND);
        house_kill(h);
        house_start(h);
    }
    house_live(h, 20 * SECOND);
    assert_true(modem_is_ready(h->lines[0].modem));
    assert_int_equal(house_count_state(h, OUTBOX_QUEUED), WAITING - PER_MINUTE);
    house_await(h, house_count_state(h, OUTBOX_QUEUED) == WAITING - 2 * PER_MINUTE, 40 * SECOND);
    house_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_only_the_one_on_the_line_comes_twice),
        house_test(test_the_pace_of_a_sim_outlives_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
