/* SPDX-License-Identifier: EUPL-1.2 */
/* Faults known of modems, each with its expected outcome (tests/README.md). */
#include "tests/unit/test_house_fixture.h"

enum { REPLACE_TYPE_1 = 0x41, STATES = 16 };

/* In service, on a healthy modem; window_ms: of a report. */
static struct house *house_ready(int64_t window_ms)
{
    struct house *h = house_new();
    h->settings.limits = house_no_limits();
    h->settings.report_window_ms = window_ms;
    house_add_modem(h, NULL);
    house_start(h);
    assert_ok(house_enrol(h, NIF, PHONE));
    house_await(h, modem_is_ready(h->lines[0].modem), 10 * SECOND);
    return h;
}

static void ask(struct house *h)
{
    assert_ok(house_ask(h, NIF, CLAVE));
}

static void await_states(struct house *h, const char *states, int64_t ms)
{
    house_await(h, house_is(h, states), ms);
}

/* So many have arrived, each at the first try. */
static void assert_first_try(struct house *h, size_t count)
{
    assert_int_equal(house_count_received(&h->lines[0], NULL), count);
    assert_int_equal(house_query(h, "SELECT min(attempts) FROM outbox"), 1);
    assert_int_equal(house_query(h, "SELECT max(attempts) FROM outbox"), 1);
}

/* ---- slow is not dead ------------------------------------------------------------------------ */

/* Later than any, and all the same sent, once; the next one waits for it. */
static void test_an_answer_after_minutes(void **state)
{
    static const int seconds[] = {23, 60, 135};
    (void)state;
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        struct house *h = house_ready(10 * MINUTE);
        char fault[32];
        (void)snprintf(fault, sizeof(fault), "final-late:%d", seconds[i] * 1000);
        house_fault(&h->lines[0], fault);
        int64_t began_ms = house_now_ms(h);
        ask(h);
        ask(h);
        house_await(h, house_count_received(&h->lines[0], NULL) == 1, 10 * SECOND);
        house_live(h, (seconds[i] - 1) * SECOND);
        assert_int_equal(house_states(h)[0], 's');
        assert_int_equal(house_count_received(&h->lines[0], NULL), 1);
        await_states(h, "dd", 6 * SECOND);
        assert_true(house_now_ms(h) - began_ms >= seconds[i] * SECOND);
        assert_first_try(h, 2);
        assert_int_equal(house_status(&h->lines[0]).counters.unknown, 0);
        assert_in_range(house_count_command(&h->lines[0], "+CFUN"), 0, 1);
        house_free(h);
    }
}

/* Beyond the deadline nobody knows, until its report tells; it does not go again. */
static void test_an_answer_beyond_the_deadline(void **state)
{
    struct house *h = house_ready(10 * MINUTE);
    (void)state;
    house_fault(&h->lines[0], "final-late:175000");
    ask(h);
    await_states(h, "?", 155 * SECOND);
    await_states(h, "d", 60 * SECOND);
    assert_first_try(h, 1);
    ask(h);
    await_states(h, "dd", 30 * SECOND);
    assert_first_try(h, 2);
}

static void test_a_prompt_after_8_s(void **state)
{
    struct house *h = house_ready(10 * MINUTE);
    (void)state;
    house_fault(&h->lines[0], "prompt-late:8000");
    ask(h);
    await_states(h, "d", 15 * SECOND);
    assert_first_try(h, 1);
    assert_int_equal(house_status(&h->lines[0]).counters.losses, 0);
    assert_int_equal(house_count_command(&h->lines[0], "+CMGS"), 1);
}

/* ---- what the network and the modem refuse --------------------------------------------------- */

static const int open_codes[] = {332, 350, 500}; /* codes that leave the outcome open */

static void arm_code(struct house *h, const char *fault, int code)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%s:%d", fault, code);
    house_fault(&h->lines[0], text);
}

static void test_codes_that_leave_it_open_and_it_was_delivered(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct house *h = house_ready(10 * SECOND);
        house_tell(&h->lines[0], "{\"cmd\":\"set\",\"report_latency_s\":2}");
        arm_code(h, "cms-after", open_codes[i]);
        ask(h);
        await_states(h, "?", 2 * SECOND);
        assert_int_equal(house_query(h, "SELECT cause_code FROM outbox"), open_codes[i]);
        await_states(h, "d", 10 * SECOND);
        assert_first_try(h, 1);
        house_free(h);
    }
}

/* No report: once its window closes the same contraclave goes once more. */
static void test_codes_that_leave_it_open_and_it_was_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct house *h = house_ready(10 * MINUTE);
        char code[CODE_SIZE];
        arm_code(h, "cms", open_codes[i]);
        ask(h);
        await_states(h, "?", 2 * SECOND);
        house_live(h, 9 * MINUTE);
        assert_string_equal(house_states(h), "?");
        await_states(h, "d", 2 * MINUTE);
        assert_int_equal(house_query(h, "SELECT attempts FROM outbox"), 2);
        json_t *messages = sim_handset_messages(&h->lines[0].sim->handset, NULL);
        assert_int_equal(json_array_size(messages), 1);
        json_t *pid = json_object_get(json_array_get(messages, 0), "pid");
        assert_int_equal(json_integer_value(pid), REPLACE_TYPE_1);
        json_decref(messages);
        house_last_code(&h->lines[0], PHONE, code);
        assert_true(house_verify(h, NIF, CLAVE, code));
        house_free(h);
    }
}

static int64_t count_refused(const struct house_line *line)
{
    json_t *answer = house_control(line, "{\"cmd\":\"state\"}");
    int64_t count = json_integer_value(json_object_get(answer, "refused"));
    json_decref(answer);
    return count;
}

/* CMS 512 and its like: the same message soon again, and no blame. */
static void test_a_modem_that_is_receiving_another(void **state)
{
    static const char *const faults[] = {"cms:512*2", "cms:314", "cms:532"};
    static const char *const states[] = {"d", "dd", "ddd"};
    struct house *h = house_ready(10 * MINUTE);
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        house_fault(&h->lines[0], faults[i]);
        ask(h);
        await_states(h, states[i], 5 * SECOND);
        assert_first_try(h, i + 1);
    }
    assert_int_equal(count_refused(&h->lines[0]), 4);
}

/* CMS 322: it is emptied, and then the message goes; one that stays full makes it wait. */
static void test_a_full_memory_refuses(void **state)
{
    struct house *h = house_ready(10 * MINUTE);
    struct house_line *line = &h->lines[0];
    (void)state;
    house_await(h, house_count_command(line, "+CMGL") >= 2, 10 * SECOND);
    house_fault(line, "storage-fill");
    house_fault(line, "cms:322");
    ask(h);
    house_await(h, house_count_command(line, "+CMGD") >= 30 && house_is(h, "d"), 5 * SECOND);
    assert_first_try(h, 1);
    int64_t before = house_count_command(line, "+CMGL");
    house_fault(line, "cms:322*");
    ask(h);
    house_await(h, count_refused(line) == 3, 10 * SECOND);
    house_await(h, house_count_command(line, "+CMGL") > before, 10 * SECOND);
    house_live(h, 50 * SECOND); /* absent for a minute */
    assert_int_equal(count_refused(line), 3);
    assert_string_equal(house_states(h), "dq");
    house_await(h, count_refused(line) == 4, 15 * SECOND);
}

/* ---- words in the wrong places --------------------------------------------------------------- */

static void test_events_in_every_place(void **state)
{
    static const char *const rows[][3] = {
        {"ring-pdu"},
        {"urc-noise*3"},
        {"ring-pdu", "urc-noise*3"},
        {"ring-pdu", "crlf-double:500"},
        {"ring-pdu", "echo-off:500"},
        {"ring-pdu", "prompt-bare", "report-early"},
    };
    struct house *h = house_ready(10 * MINUTE);
    struct house_line *line = &h->lines[0];
    char states[STATES] = "";
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t fault = 0; fault < 3 && rows[i][fault] != NULL; fault++)
            house_fault(line, rows[i][fault]);
        ask(h);
        states[i] = 'd';
        await_states(h, states, 10 * SECOND);
        assert_first_try(h, i + 1);
        json_t *answer = house_control(line, "{\"cmd\":\"state\"}"), *armed;
        size_t at;
        json_array_foreach(json_object_get(answer, "faults"), at, armed)
            assert_string_not_equal(json_string_value(json_object_get(armed, "name")), "ring-pdu");
        json_decref(answer);
        house_tell(line, "{\"cmd\":\"clear-faults\"}");
    }
    assert_int_equal(house_status(line).counters.losses, 0);
    assert_int_equal(house_status(line).counters.garbage, 0);
}

/* COMMAND NOT SUPPORT to all that it can do without. */
static void test_commands_that_it_does_not_have(void **state)
{
    static const char *const optional[] = {"+CSMS", "+CPMS", "+CGREG", "+CEREG", "+CESQ", "+COPS",
                                           "+CCLK", "+CSCA", "+CGSMS", "+CTZU",  "+CRSM", "+CPINR",
                                           "+CGMR", "+CGSN", "+CMMS",  "+CMGL"};
    struct house *h = house_new();
    (void)state;
    house_add_modem(h, NULL);
    for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++) {
        char fault[32];
        (void)snprintf(fault, sizeof(fault), "not-supported:%s", optional[i]);
        house_fault(&h->lines[0], fault);
    }
    house_start(h);
    assert_ok(house_enrol(h, NIF, PHONE));
    house_await(h, modem_is_ready(h->lines[0].modem), 20 * SECOND);
    ask(h);
    await_states(h, "d", 10 * SECOND);
    assert_first_try(h, 1);
}

/* ---- the card's PIN -------------------------------------------------------------------------- */

static int64_t pin_left(const struct house_line *line)
{
    json_t *answer = house_control(line, "{\"cmd\":\"state\"}");
    int64_t left = json_integer_value(json_object_get(answer, "pin_left"));
    json_decref(answer);
    return left;
}

/* The daemon is started with that PIN, and says so of the card. */
static void assert_pin_told(struct house *h, const char *pin, const char *token,
                            const char *const words[], size_t count)
{
    struct house_line *line = &h->lines[0];
    line->config.pin = pin;
    house_start(h);
    for (size_t i = 0; i < count; i++)
        house_await(h, house_says(line, words[i]), 15 * SECOND);
    assert_string_equal(house_status(line).state_token, token);
    house_live(h, MINUTE);
    house_kill(h);
}

/* The counter goes from 3 to 1 by two that people wrote; the last try is theirs, and so is the PUK
 * after it. */
static void test_two_wrong_pins_and_no_third(void **state)
{
    static const char *const refused[] = {"no acepta el PIN"};
    static const char *const last[] = {"un solo intento", "teléfono"};
    static const char *const puk[] = {"PUK", "Desbloquéela"};
    struct sim_config sim;
    struct house *h = house_new();
    (void)state;
    sim_config_default(&sim);
    sim.pin = "7391";
    struct house_line *line = house_add_modem(h, &sim);
    assert_pin_told(h, "1111", "sim_pin", refused, 1);
    assert_int_equal(pin_left(line), 2);
    assert_pin_told(h, "2222", "sim_pin", refused, 1);
    assert_int_equal(pin_left(line), 1);
    assert_pin_told(h, "7391", "sim_pin", last, 2);
    assert_int_equal(pin_left(line), 1);
    house_fault(line, "pin-counter:0");
    assert_pin_told(h, "7391", "sim_puk", puk, 2);
    assert_int_equal(pin_left(line), 0);
}

/* ---- starts, networks, and lines that break -------------------------------------------------- */

static void test_busy_after_a_restart(void **state)
{
    static const int codes[] = {14, 515};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct house *h = house_ready(10 * MINUTE);
        struct house_line *line = &h->lines[0];
        char fault[48];
        (void)snprintf(fault, sizeof(fault), "cme-after-cfun:2000:%d", codes[i]);
        house_fault(line, fault);
        assert_ok(modem_restart(line->modem));
        house_await(h, !modem_is_ready(line->modem), 10 * SECOND);
        int64_t restarted_ms = house_now_ms(h);
        ask(h);
        await_states(h, "d", 15 * SECOND);
        assert_true(house_now_ms(h) - restarted_ms > 1500);
        assert_first_try(h, 1);
        assert_int_equal(house_count_command(line, "+CFUN"), 1);
        assert_true(modem_is_ready(line->modem));
        house_free(h);
    }
}

/* Registered for SMS only; refused by the old network and taken by LTE. */
static void test_networks_that_carry_messages_all_the_same(void **state)
{
    static const struct {
        const char *faults[2], *states;
        int registration;
    } rows[] = {{{"creg:6"}, "d", 6}, {{"creg:3", "cereg:1"}, "dd", 1}};
    struct house *h = house_ready(10 * MINUTE);
    struct house_line *line = &h->lines[0];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (size_t fault = 0; fault < 2 && rows[i].faults[fault] != NULL; fault++)
            house_fault(line, rows[i].faults[fault]);
        house_await(h,
                    modem_is_ready(line->modem) &&
                        house_status(line).sample.registration == rows[i].registration,
                    10 * SECOND);
        ask(h);
        await_states(h, rows[i].states, 10 * SECOND);
    }
    house_fault(line, "creg:3");
    house_await(h, !modem_is_ready(line->modem) && house_says(line, "rechaza esta SIM"),
                10 * SECOND);
    ask(h);
    house_live(h, MINUTE);
    assert_string_equal(house_states(h), "ddq");
}

/* The message may have left, for all that the daemon knows; it had not, and arrives once. */
static void test_gone_while_the_pdu_is_typed(void **state)
{
    struct house *h = house_ready(10 * SECOND);
    char code[CODE_SIZE];
    (void)state;
    house_fault(&h->lines[0], "vanish-entry:300");
    ask(h);
    await_states(h, "?", 10 * SECOND);
    await_states(h, "d", 30 * SECOND);
    assert_int_equal(house_count_received(&h->lines[0], NULL), 1);
    assert_int_equal(house_status(&h->lines[0]).counters.losses, 1);
    house_last_code(&h->lines[0], PHONE, code);
    assert_true(house_verify(h, NIF, CLAVE, code));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        house_test(test_an_answer_after_minutes),
        house_test(test_an_answer_beyond_the_deadline),
        house_test(test_a_prompt_after_8_s),
        house_test(test_codes_that_leave_it_open_and_it_was_delivered),
        house_test(test_codes_that_leave_it_open_and_it_was_lost),
        house_test(test_a_modem_that_is_receiving_another),
        house_test(test_a_full_memory_refuses),
        house_test(test_events_in_every_place),
        house_test(test_commands_that_it_does_not_have),
        house_test(test_two_wrong_pins_and_no_third),
        house_test(test_busy_after_a_restart),
        house_test(test_networks_that_carry_messages_all_the_same),
        house_test(test_gone_while_the_pdu_is_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
