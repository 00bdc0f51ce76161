/* SPDX-License-Identifier: EUPL-1.2 */
/* The way of a contraclave through the dispatcher: the three outcomes of a send, refusals by class,
 * and what a modem may do without any harm. */
#include "tests/unit/test_house_fixture.h"

#include "service/dispatch_private.h"

#define WINDOW SECOND
#define OTHER_NIF "87654321X"
#define OTHER_PHONE "+34711222333"

enum { REPLACE_TYPE_1 = 0x41 };

/* In service at that time, with short deadlines and a short window. */
static struct house *quick_house_at(int64_t wall_ms)
{
    struct house *h = house_new();
    loop_drive(h->loop, wall_ms);
    h->settings.limits = house_no_limits();
    h->settings.report_window_ms = WINDOW;
    struct house_line *line = house_add_modem(h, NULL);
    line->config.prompt_ms = line->config.final_ms = 500;
    house_start(h);
    assert_ok(house_enrol(h, NIF, PHONE));
    assert_ok(house_enrol(h, OTHER_NIF, OTHER_PHONE));
    house_await(h, modem_is_ready(line->modem), 10 * SECOND);
    return h;
}

static struct house *quick_house(void)
{
    return quick_house_at(T0);
}

static void ask(struct house *h)
{
    assert_ok(house_ask(h, NIF, CLAVE));
}

static void await_states(struct house *h, const char *states)
{
    house_await(h, house_is(h, states), 8 * SECOND);
}

/* Of the newest message. */
#define ATTEMPTS "SELECT attempts FROM outbox ORDER BY id DESC LIMIT 1"
#define CAUSE "SELECT cause_code FROM outbox ORDER BY id DESC LIMIT 1"

/* A datum of the n-th message that arrived. */
static int64_t received(const struct house_line *line, size_t n, const char *key)
{
    json_t *messages = sim_handset_messages(&line->sim->handset, NULL);
    int64_t value = json_integer_value(json_object_get(json_array_get(messages, n), key));
    json_decref(messages);
    return value;
}

static void assert_received_stays(struct house *h, size_t count, int64_t ms)
{
    house_live(h, ms);
    assert_int_equal(house_count_received(&h->lines[0], NULL), count);
}

static void assert_enters(struct house *h)
{
    char code[CODE_SIZE];
    house_last_code(&h->lines[0], PHONE, code);
    assert_true(house_verify(h, NIF, CLAVE, code));
}

static void test_a_contraclave_goes_and_lets_in(void **state)
{
    struct house *h = house_new_ready();
    char code[CODE_SIZE];
    (void)state;
    assert_ok(house_ask(h, NIF, CLAVE));
    house_await(h, house_count_state(h, OUTBOX_DELIVERED) == 1, SECOND);
    assert_int_equal(house_count_received(&h->lines[0], NULL), 1);
    house_last_code(&h->lines[0], PHONE, code);
    assert_false(house_verify(h, NIF, "0000", code));
    assert_true(house_verify(h, NIF, CLAVE, code));
}

/* A claimed message whose moment has come while answers wait for their commit. */
static struct slot *due_in_open_turn(struct house *h)
{
    struct slot *slot = NULL;
    ask(h);
    house_await(h, (slot = dispatch_find_slot(h->dispatch, SLOT_LOADED, NULL)) != NULL, SECOND);
    slot->go_us = loop_now_us(h->loop);
    slot->latest_us = slot->go_us + DISPATCH_TICK_US;
    assert_ok(turn_enter(h->service.turn));
    turn_leave(h->service.turn, true);
    assert_true(turn_is_open(h->service.turn));
    return slot;
}

static void test_a_hand_over_lets_answers_pass(void **state)
{
    struct house *h = quick_house();
    (void)state;
    struct slot *slot = due_in_open_turn(h);
    dispatch_go(h->dispatch);
    assert_int_equal(slot->state, SLOT_LOADED);
    house_await(h, !turn_is_open(h->service.turn), SECOND);
    assert_int_equal(slot->state, SLOT_LOADED);
    house_await(h, slot->state == SLOT_SENDING, SECOND);
    assert_false(turn_is_open(h->service.turn));
    await_states(h, "d");
}

static void test_a_hand_over_does_not_wait_for_ever(void **state)
{
    struct house *h = quick_house();
    (void)state;
    struct slot *slot = due_in_open_turn(h);
    slot->latest_us = loop_now_us(h->loop);
    dispatch_go(h->dispatch);
    assert_int_equal(slot->state, SLOT_SENDING);
    await_states(h, "d");
}

/* A claimed message goes back to the queue, as the clock is not believed just now. */
static void put_back(struct house *h, struct slot *slot)
{
    slot->latest_us = loop_now_us(h->loop);
    h->service.clock.highest_ms += MINUTE; /* it has stepped back: no witness is heard */
    dispatch_go(h->dispatch);
    h->service.clock.highest_ms -= MINUTE;
    assert_int_not_equal(slot->state, SLOT_LOADED);
}

/* The commit that puts it back fails: its row still says that it is in flight. */
static void test_a_message_that_could_not_be_put_back_goes(void **state)
{
    struct house *h = quick_house();
    (void)state;
    put_back(h, due_in_open_turn(h));
    assert_ok(db_exec(h->service.store->db, "ROLLBACK"));
    await_states(h, "d");
    assert_int_equal(house_query(h, ATTEMPTS), 1);
}

static void note_idle(void *user)
{
    *(bool *)user = true;
}

/* Its row is settled by the next start. */
static void test_a_message_that_could_not_be_put_back_holds_up_no_stop(void **state)
{
    struct house *h = quick_house();
    bool is_idle = false;
    (void)state;
    put_back(h, due_in_open_turn(h));
    dispatch_drain(h->dispatch, note_idle, &is_idle);
    assert_ok(db_exec(h->service.store->db, "ROLLBACK"));
    house_await(h, is_idle, SECOND / 2);
}

/* Another box has taken it for one of unknown outcome: it is no longer this one's to put back. */
static void test_a_message_that_another_box_has_taken(void **state)
{
    struct house *h = quick_house();
    const struct gsm_cause cause = {GSM_CAUSE_NONE, 0};
    (void)state;
    struct slot *slot = due_in_open_turn(h);
    assert_ok(turn_enter(h->service.turn));
    assert_ok(outbox_unknown(h->service.store, slot->message.id, cause, T0 + DAY));
    turn_leave(h->service.turn, true);
    put_back(h, slot);
    ask(h);
    await_states(h, "?d");
}

/* ---- the outcome is not known ---------------------------------------------------------------- */

static void test_not_known_with_a_report_goes_once(void **state)
{
    static const char *const rows[][2] = {
        {"lost-reply", NULL}, {"lost-reply", "report-late:800"}, {"cms-after:500", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct house *h = quick_house();
        for (size_t fault = 0; fault < 2 && rows[i][fault] != NULL; fault++)
            house_fault(&h->lines[0], rows[i][fault]);
        ask(h);
        await_states(h, "d");
        assert_int_equal(house_query(h, ATTEMPTS), 1);
        assert_received_stays(h, 1, HOUR);
        assert_enters(h);
        house_free(h);
    }
}

static void test_not_known_without_a_report_goes_twice(void **state)
{
    static const char *const faults[] = {"lost-reply*2", "cms-after:500*2"};
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct house *h = quick_house();
        char first[HOUSE_TEXT], second[HOUSE_TEXT];
        house_fault(&h->lines[0], faults[i]);
        house_fault(&h->lines[0], "no-report*2");
        ask(h);
        await_states(h, "?");
        house_last_text(&h->lines[0], PHONE, first);
        house_await(h, house_count_received(&h->lines[0], NULL) == 2, 8 * SECOND);
        house_last_text(&h->lines[0], PHONE, second);
        assert_string_equal(first, second); /* the same contraclave */
        assert_int_equal(received(&h->lines[0], 0, "pid"), 0);
        assert_int_equal(received(&h->lines[0], 1, "pid"), REPLACE_TYPE_1);
        assert_received_stays(h, 2, HOUR);
        await_states(h, "?");
        assert_int_equal(house_query(h, ATTEMPTS), 2);
        assert_enters(h);
        house_free(h);
    }
}

static void test_a_lost_reply_then_a_good_repeat(void **state)
{
    struct house *h = quick_house();
    (void)state;
    house_fault(&h->lines[0], "lost-reply");
    house_fault(&h->lines[0], "no-report");
    ask(h);
    await_states(h, "d");
    assert_int_equal(house_query(h, ATTEMPTS), 2);
    assert_received_stays(h, 2, HOUR);
}

/* ---- no harm done ---------------------------------------------------------------------------- */

/* Each delivered exactly once, at the first try. */
static void test_harmless_whims_of_a_modem(void **state)
{
    static const char *const rows[][4] = {
        {"prompt-bare"},
        {"prompt-late:200"},
        {"urc-noise*3"},
        {"crlf-double:300"},
        {"report-early"},
        {"report-late:300"},
        {"report-twice"},
        {"echo-off:300"},
        {"garbage"},
        {"final-late:200"},
        {"report-early", "report-twice"},
        {"prompt-bare", "urc-noise*3", "garbage", "crlf-double:300"},
    };
    struct house *h = quick_house();
    struct house_line *line = &h->lines[0];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t fault = 0; fault < 4 && rows[i][fault] != NULL; fault++)
            house_fault(line, rows[i][fault]);
        ask(h);
        house_await(h, house_count_state(h, OUTBOX_DELIVERED) == (int64_t)i + 1, 6 * SECOND);
        if (house_count_received(line, NULL) != i + 1 || house_query(h, ATTEMPTS) != 1)
            fail_msg("%s: not once at the first try", rows[i][0]);
        house_tell(line, "{\"cmd\":\"clear-faults\"}");
    }
    assert_int_equal(house_status(line).counters.losses, 0);
}

/* Nothing has left: it goes later, once. */
static void test_a_lost_prompt(void **state)
{
    struct house *h = quick_house();
    (void)state;
    house_fault(&h->lines[0], "prompt-lost");
    ask(h);
    await_states(h, "d");
    assert_int_equal(house_query(h, ATTEMPTS), 1);
    assert_received_stays(h, 1, HOUR);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void test_a_permanent_refusal_is_not_repeated(void **state)
{
    static const struct {
        const char *fault, *states;
        int cause;
    } rows[] = {{"cms:1", "f", 1}, {"cms:8", "ff", 8}, {"cms:305", "fff", 305}};
    struct house *h = quick_house();
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        house_fault(&h->lines[0], rows[i].fault);
        ask(h);
        await_states(h, rows[i].states);
        assert_int_equal(house_query(h, CAUSE), rows[i].cause);
        assert_true(gsm_cause_text((struct gsm_cause){GSM_CAUSE_CMS, rows[i].cause})[0] != '\0');
    }
    assert_received_stays(h, 0, SECOND);
    assert_int_equal(house_status(&h->lines[0]).counters.refused, 3);
    ask(h); /* and the next one passes */
    await_states(h, "fffd");
}

static unsigned long refusals(const struct house *h)
{
    return house_status(&h->lines[0]).counters.refused;
}

/* CMS 38 is also what a dead number gives: three times, then no more. Meanwhile others are served.
 */
static void test_temporary_refusals_back_off_and_others_pass(void **state)
{
    struct house *h = quick_house();
    (void)state;
    house_fault(&h->lines[0], "cms:38");
    ask(h);
    house_await(h, refusals(h) == 1 && house_is(h, "q"), 8 * SECOND);
    assert_int_equal(house_query(h, CAUSE), 38);
    assert_ok(house_ask(h, OTHER_NIF, CLAVE));
    await_states(h, "qd");
    assert_int_equal(house_count_received(&h->lines[0], OTHER_PHONE), 1);
    house_fault(&h->lines[0], "cms:38");
    house_live(h, 13 * SECOND);
    assert_int_equal(refusals(h), 1); /* before its time */
    house_await(h, refusals(h) == 2, 3 * SECOND);
    house_fault(&h->lines[0], "cms:38");
    house_live(h, 58 * SECOND);
    assert_int_equal(refusals(h), 2);
    house_await(h, refusals(h) == 3, 3 * SECOND);
    await_states(h, "fd");
    assert_received_stays(h, 1, HOUR);
}

static void test_congestion_backs_off_then_delivers_once(void **state)
{
    struct house *h = quick_house();
    (void)state;
    house_fault(&h->lines[0], "cms:42");
    ask(h);
    house_await(h, refusals(h) == 1 && house_is(h, "q"), 8 * SECOND);
    assert_int_equal(house_query(h, CAUSE), 42);
    assert_int_equal(house_query(h, ATTEMPTS), 0);
    assert_received_stays(h, 0, 14 * SECOND);
    house_await(h, house_is(h, "d"), 2 * SECOND);
    assert_int_equal(house_query(h, ATTEMPTS), 1);
    assert_received_stays(h, 1, HOUR);
}

/* Until 02:00 of the next day; then it is not sent, also when its modem is back. */
static void test_not_deliverable_until_it_expires(void **state)
{
    struct house *h = quick_house_at(T0 + 11 * HOUR); /* 23:06 in Madrid */
    (void)state;
    house_tell(&h->lines[0], "{\"cmd\":\"set\",\"creg\":2}");
    house_await(h, !modem_is_ready(h->lines[0].modem), 8 * SECOND);
    int64_t asked_ms = house_now_ms(h);
    ask(h);
    await_states(h, "q");
    int64_t expires_ms = house_query(h, "SELECT expires_ms FROM outbox");
    assert_in_range(expires_ms - asked_ms, 2 * HOUR, 3 * HOUR);
    house_live(h, expires_ms - house_now_ms(h) - SECOND);
    assert_string_equal(house_states(h), "q");
    house_live(h, MINUTE);
    assert_string_equal(house_states(h), "x");
    house_tell(&h->lines[0], "{\"cmd\":\"set\",\"creg\":1}");
    house_await(h, modem_is_ready(h->lines[0].modem), 30 * SECOND);
    assert_received_stays(h, 0, HOUR);
}

/* A message that waited behind another and went by the other SIM is none of the first one's. */
static void test_the_pace_of_a_sim_counts_what_it_sends(void **state)
{
    enum { PER_MINUTE = 3, SLOW_MS = 15000 };
    struct house *h = house_new();
    (void)state;
    for (int i = 0; i < 2; i++)
        house_add_modem(h, NULL)->limits.per_minute = PER_MINUTE;
    house_start(h);
    house_await(h, modem_is_ready(h->lines[0].modem) && modem_is_ready(h->lines[1].modem),
                10 * SECOND);
    house_fault(&h->lines[0], "final-late:15000");
    house_fault(&h->lines[1], "final-late:15000");
    (void)house_post(h, PHONE, OUTBOX_CONTRACLAVE);
    house_await(
        h, house_count_received(&h->lines[0], NULL) + house_count_received(&h->lines[1], NULL) == 1,
        SECOND);
    const bool is_second = house_count_received(&h->lines[1], NULL) == 1;
    const struct house_line *slow = &h->lines[is_second], *other = &h->lines[!is_second];
    house_tell(other, "{\"cmd\":\"clear-faults\"}");
    for (int i = 0; i < PER_MINUTE; i++) /* one of them behind the slow one, for a while */
        (void)house_post(h, PHONE, OUTBOX_CONTRACLAVE);
    house_await(h, house_count_received(other, NULL) == PER_MINUTE, 5 * SECOND);
    assert_int_equal(house_count_received(slow, NULL), 1);
    house_live(h, SLOW_MS);
    for (int i = 0; i < 2 * PER_MINUTE; i++)
        (void)house_post(h, PHONE, OUTBOX_CONTRACLAVE);
    house_live(h, 10 * SECOND);
    assert_int_equal(house_count_received(&h->lines[0], NULL), PER_MINUTE);
    assert_int_equal(house_count_received(&h->lines[1], NULL), PER_MINUTE);
    house_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_a_contraclave_goes_and_lets_in),
        house_test(test_a_hand_over_lets_answers_pass),
        house_test(test_a_hand_over_does_not_wait_for_ever),
        house_test(test_a_message_that_could_not_be_put_back_goes),
        house_test(test_a_message_that_could_not_be_put_back_holds_up_no_stop),
        house_test(test_a_message_that_another_box_has_taken),
        house_test(test_the_pace_of_a_sim_counts_what_it_sends),
        house_test(test_not_known_with_a_report_goes_once),
        house_test(test_not_known_without_a_report_goes_twice),
        house_test(test_a_lost_reply_then_a_good_repeat),
        house_test(test_harmless_whims_of_a_modem),
        house_test(test_a_lost_prompt),
        house_test(test_a_permanent_refusal_is_not_repeated),
        house_test(test_temporary_refusals_back_off_and_others_pass),
        house_test(test_congestion_backs_off_then_delivers_once),
        house_test(test_not_deliverable_until_it_expires),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
