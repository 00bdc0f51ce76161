/* SPDX-License-Identifier: EUPL-1.2 */
/* Inbound work beside a queue without end, and over days: messages, the balance, the samples. */
#include "tests/unit/test_house_fixture.h"

#include "service/receive.h"
#include "store/balance.h"

#define ANA "+34611222333"

/* A house whose network takes half a second for a message, and that many messages in its queue. */
static struct house *house_with_queue(int messages, const char *ussd)
{
    struct house *h = house_new();
    struct sim_config sim;
    sim_config_default(&sim);
    sim.cmgs_latency_us = 500 * 1000;
    h->settings.limits = house_no_limits();
    struct house_line *line = house_add_modem(h, &sim);
    line->config.ussd = ussd;
    house_start(h);
    assert_ok(house_enrol(h, NIF, PHONE));
    house_await(h, house_count_command(line, "+CMGL") >= 2, 20 * SECOND);
    for (int i = 0; i < messages; i++)
        assert_ok(house_ask(h, NIF, CLAVE));
    return h;
}

static void deliver(struct house *h, const char *text)
{
    char command[200];
    (void)snprintf(command, sizeof(command),
                   "{\"cmd\":\"deliver\",\"from\":\"" ANA "\",\"text\":\"%s\"}", text);
    house_tell(&h->lines[0], command);
}

static int64_t count_inbox(struct house *h)
{
    return house_query(h, "SELECT count(*) FROM inbox");
}

static void test_a_queue_without_end_does_not_hold_a_message_off(void **state)
{
    struct house *h = house_with_queue(40, "");
    (void)state;
    deliver(h, "urgente");
    house_await(h, count_inbox(h) == 1, 15 * SECOND);
    assert_true(house_count_state(h, OUTBOX_QUEUED) > 5); /* while messages still waited */
}

static void test_a_message_is_deleted_right_after_it_was_read(void **state)
{
    struct house *h = house_with_queue(50, "");
    (void)state;
    deliver(h, "urgente");
    house_await(h, count_inbox(h) == 1, 15 * SECOND);
    house_await(h, house_count_command(&h->lines[0], "+CMGD") == 1, 4 * SECOND);
    assert_true(house_count_state(h, OUTBOX_QUEUED) > 5);
}

static bool has_answer(struct house *h)
{
    struct balance told;
    assert_ok(balance_get(h->service.store, h->lines[0].config.name, &told));
    return told.ended_ms > 0 && told.error[0] == '\0' && told.text[0] != '\0';
}

static void test_the_balance_is_asked_between_two_messages(void **state)
{
    struct house *h = house_with_queue(100, "*134#");
    (void)state;
    assert_ok(turn_enter(h->service.turn));
    assert_ok(receive_ask_balance(&h->service, h->lines[0].modem, house_now_ms(h)));
    turn_leave(h->service.turn, true);
    house_await(h, has_answer(h), 45 * SECOND);
    assert_true(house_count_state(h, OUTBOX_QUEUED) > 5);
}

static void test_a_list_that_is_not_answered_once(void **state)
{
    struct house *h = house_new();
    (void)state;
    house_add_modem(h, NULL);
    deliver(h, "estaba en la SIM");
    house_fault(&h->lines[0], "mute:+CMGL*1");
    house_start(h);
    house_await(h, count_inbox(h) == 1, 35 * SECOND);
    assert_int_equal(house_count_log(h, "dentro de una hora"), 0);
}

/* ---- days ------------------------------------------------------------------------------------ */

/* A point about every minute, thinned out as it ages; the modem stays in service. */
static void test_a_day_of_samples(void **state)
{
    struct house *h = house_new_ready();
    (void)state;
    house_live(h, DAY);
    assert_true(modem_is_ready(h->lines[0].modem));
    int64_t points = house_query(h, "SELECT sum(count) FROM samples WHERE grade = 0");
    assert_in_range(points, 1400, 1450);
    assert_in_range(house_query(h, "SELECT count(*) FROM samples"), 1400, 2 * 1440);
    assert_string_equal(house_rungs(h), "");
    assert_in_range(house_count_log(h, ""), 1, 60);
}

/* Each evening a contraclave is asked for; it is alive until two at night, and dead a minute later.
 */
static void test_two_nights(void **state)
{
    struct house *h = house_new();
    (void)state;
    loop_drive(h->loop, T0 + 9 * HOUR + 53 * MINUTE); /* 22:00 in Madrid */
    house_add_modem(h, NULL);
    house_start(h);
    assert_ok(house_enrol(h, NIF, PHONE));
    for (size_t day = 1; day <= 2; day++) {
        char code[CODE_SIZE];
        house_await(h, modem_is_ready(h->lines[0].modem), MINUTE);
        assert_ok(house_ask(h, NIF, CLAVE));
        house_await(h, house_count_received(&h->lines[0], PHONE) == day, MINUTE);
        house_last_code(&h->lines[0], PHONE, code);
        int64_t dead_ms = house_query(h, "SELECT max(expires_ms) FROM requests");
        assert_true(house_verify(h, NIF, CLAVE, code));
        house_live(h, dead_ms - house_now_ms(h) - MINUTE);
        assert_true(house_verify(h, NIF, CLAVE, code));
        house_live(h, 2 * MINUTE);
        assert_false(house_verify(h, NIF, CLAVE, code));
        house_live(h, 19 * HOUR + 55 * MINUTE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_a_queue_without_end_does_not_hold_a_message_off),
        house_test(test_a_message_is_deleted_right_after_it_was_read),
        house_test(test_the_balance_is_asked_between_two_messages),
        house_test(test_a_list_that_is_not_answered_once),
        house_test(test_a_day_of_samples),
        house_test(test_two_nights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
