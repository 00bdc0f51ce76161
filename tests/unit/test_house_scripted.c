/* SPDX-License-Identifier: EUPL-1.2 */
/* Behaviour of modems that no strict simulator shows: stale answers, silence, slowness, restarts,
 * and stray reports. */
#include "tests/unit/test_script_fixture.h"

#define WINDOW SECOND

enum { MOST_SENDS = 4, TRYING = 0x30 };

static bool is_pdu(const char *command)
{
    return strcmp(command, SCRIPT_PDU) == 0;
}

static struct script *quick_script(script_hook hook)
{
    struct script *s = script_new(hook);
    s->line->config.prompt_ms = s->line->config.final_ms = 500;
    return s;
}

/* The first command that begins with `once.command` is answered so; then as by a good modem. */
static struct {
    const char *command, *lines;
} once;

static const char *answer_once(struct script *s, const char *command)
{
    if (s->flag || strncmp(command, once.command, strlen(once.command)) != 0)
        return NULL;
    s->flag = true;
    return once.lines;
}

static struct script *script_once(const char *command, const char *lines)
{
    once.command = command;
    once.lines = lines;
    return quick_script(answer_once);
}

/* Nothing more leaves in that time. */
static void assert_stays(struct script *s, size_t pdus, const char *states, int64_t ms)
{
    house_live(s->house, ms);
    assert_int_equal(s->pdu_count, pdus);
    assert_string_equal(house_states(s->house), states);
}

static void await_states(struct script *s, const char *states)
{
    house_await(s->house, house_is(s->house, states), 10 * SECOND);
}

/* ---- answers that are not what they seem ----------------------------------------------------- */

static void test_a_stale_ok_before_the_prompt(void **state)
{
    static const char *const stale[] = {"OK", "OK\n" SCRIPT_PROMPT};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct script *s = script_once("AT+CMGS=", stale[i]);
        script_start_ready(s);
        script_ask(s);
        while (s->pdu_count == 0) {
            assert_true(house_step(s->house, loop_now_us(s->house->loop) + 10 * 1000 * 1000));
            assert_true(!house_is(s->house, "t") || s->pdu_count > 0);
        }
        await_states(s, "t");
        script_ask(s); /* and the line is in step again */
        await_states(s, "tt");
        assert_int_equal(s->pdu_count, 2);
        assert_int_equal(house_query(s->house, "SELECT min(attempts) FROM outbox"), 1);
        assert_int_equal(house_query(s->house, "SELECT max(attempts) FROM outbox"), 1);
        script_free(s);
    }
}

static void test_an_ok_without_its_reference(void **state)
{
    struct script *s = script_once(SCRIPT_PDU, "OK");
    (void)state;
    script_start_ready(s);
    script_ask(s);
    await_states(s, "?");
    script_report(s, 1);
    await_states(s, "d");
    assert_int_equal(s->pdu_count, 1);
}

/* In step: each fact is where it belongs, and nothing was asked twice. */
static void test_a_slow_modem(void **state)
{
    struct script *s = quick_script(NULL);
    (void)state;
    s->delay_us = 1200 * 1000;
    script_start(s);
    house_await(s->house, modem_is_ready(s->line->modem), 40 * SECOND);
    const struct modem_status status = house_status(s->line);
    assert_string_equal(status.make.manufacturer, "Fabricante");
    assert_string_equal(status.make.model, "Modelo");
    assert_string_equal(status.make.firmware, "1.0");
    for (size_t i = 0; i < s->command_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(s->commands[i], "AT") != 0 && strcmp(s->commands[i], "ATE0V1") != 0)
                assert_string_not_equal(s->commands[i], s->commands[j]);
    s->delay_us = 0;
    script_ask(s);
    await_states(s, "t");
}

static const char *mute_command;

static const char *mute_one(struct script *s, const char *command)
{
    (void)s;
    return strcmp(command, mute_command) == 0 ? "" : NULL;
}

static void test_an_optional_command_that_is_never_answered(void **state)
{
    struct script *s = quick_script(mute_one);
    (void)state;
    mute_command = "AT+CGMR";
    script_start(s);
    house_await(s->house, modem_is_ready(s->line->modem), 15 * SECOND);
    assert_string_equal(house_status(s->line).make.model, "Modelo");
    assert_string_equal(house_status(s->line).make.firmware, "");
}

static void test_a_mandatory_command_that_is_never_answered(void **state)
{
    struct script *s = quick_script(mute_one);
    (void)state;
    mute_command = "AT+CMGF=0";
    script_start(s);
    house_await(s->house,
                house_says(s->line, "no responde a AT+CMGF=0") &&
                    house_says(s->line, "vuelva a conectarlo"),
                25 * SECOND);
}

static void test_a_late_answer_is_no_registration(void **state)
{
    struct script *s = quick_script(NULL);
    (void)state;
    s->creg = 2;
    script_start(s);
    house_await(s->house, house_says(s->line, "Buscando red"), 15 * SECOND);
    for (int i = 0; i < 3; i++) {
        script_say(s, "+CREG: 1,2");
        house_live(s->house, 250);
        assert_false(modem_is_ready(s->line->modem));
    }
    s->creg = 1;
    script_say(s, "+CREG: 1");
    house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
}

static void test_a_prompt_that_somebody_left_open(void **state)
{
    struct script *s = quick_script(NULL);
    (void)state;
    s->is_prompting = true;
    script_start_ready(s);
    script_ask(s);
    await_states(s, "t");
    assert_int_equal(s->pdu_count, 1);
    assert_int_equal(s->connections, 1);
}

/* ---- outcomes and reports -------------------------------------------------------------------- */

static const char *mute_second_pdu(struct script *s, const char *command)
{
    return is_pdu(command) && s->pdu_count == 2 ? "" : NULL;
}

static void test_a_report_said_twice_is_no_other_messages(void **state)
{
    struct script *s = quick_script(mute_second_pdu);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    await_states(s, "t");
    script_report(s, 1);
    await_states(s, "d");
    script_ask(s);
    await_states(s, "d?");
    unsigned long before = house_status(s->line).counters.reports;
    script_report(s, 1);
    house_await(s->house, house_status(s->line).counters.reports == before + 1, 10 * SECOND);
    house_live(s->house, SECOND);
    assert_string_equal(house_states(s->house), "d?");
    script_report(s, 2);
    await_states(s, "dd");
}

static void test_a_report_that_the_centre_is_still_trying(void **state)
{
    struct script *s = script_once(SCRIPT_PDU, "");
    (void)state;
    s->house->settings.report_window_ms = WINDOW;
    script_start_ready(s);
    script_ask(s);
    await_states(s, "?");
    script_report_as(s, 1, TRYING, &PHONE[1], 0x91);
    await_states(s, "t");
    assert_stays(s, 1, "t", HOUR);
    script_report(s, 1);
    await_states(s, "d");
}

static const char *leave_and_report(struct script *s, const char *command)
{
    if (is_pdu(command))
        script_leave(s);
    else if (strcmp(command, "AT+CREG?") == 0 && s->pdu_count > 0)
        script_report(s, 1);
    return NULL;
}

/* The line is lost in the middle of a message, for longer than its window; its report is there
 * first. */
static void test_a_report_for_a_message_that_waits_to_be_repeated(void **state)
{
    struct script *s = quick_script(leave_and_report);
    (void)state;
    s->house->settings.report_window_ms = WINDOW;
    script_start_ready(s);
    script_ask(s);
    await_states(s, "?");
    await_states(s, "q");
    s->is_gone = false;
    house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
    await_states(s, "d");
    assert_stays(s, 1, "d", HOUR);
}

static const char *mute_every_pdu(struct script *s, const char *command)
{
    (void)s;
    return is_pdu(command) ? "" : NULL;
}

static void test_a_report_with_its_number_written_otherwise(void **state)
{
    static const struct {
        const char *number;
        unsigned type;
    } rows[] = {
        {"34600123123", 0x81}, {"600123123", 0x81}, {"600123123", 0xA1}, {"0034600123123", 0x81}};
    struct script *s = quick_script(mute_every_pdu);
    char states[8] = "";
    (void)state;
    script_start_ready(s);
    for (unsigned n = 0; n < 4; n++) {
        script_ask(s);
        house_await(s->house, s->pdu_count == n + 1, 10 * SECOND);
        script_report_as(s, n + 1, 0, rows[n].number, rows[n].type);
        states[n] = 'd';
        await_states(s, states);
    }
    assert_int_equal(s->pdu_count, 4);
}

static void report_spoilt(struct script *s, unsigned reference, const char *digits)
{
    char line[160], stamp[16];
    struct tm tm;
    time_t now_s = (time_t)(house_now_ms(s->house) / 1000);
    assert_non_null(gmtime_r(&now_s, &tm));
    const int parts[] = {tm.tm_year % 100, tm.tm_mon + 1, tm.tm_mday,
                         tm.tm_hour,       tm.tm_min,     tm.tm_sec};
    for (size_t i = 0; i < 6; i++) {
        stamp[2 * i] = (char)('0' + parts[i] % 10);
        stamp[2 * i + 1] = (char)('0' + parts[i] / 10 % 10);
    }
    (void)snprintf(stamp + 12, 3, "00");
    (void)snprintf(line, sizeof(line), "+CDS: 27\n0297F106%02X0F910B48%s%s%s00", reference, digits,
                   stamp, stamp);
    script_say(s, line);
}

/* ZTE: two octets in front of the number; and one that ends as nobody's number does. */
static void test_a_report_whose_recipient_has_octets_too_many(void **state)
{
    struct script *s = quick_script(NULL);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    await_states(s, "t");
    unsigned long before = house_status(s->line).counters.reports;
    report_spoilt(s, 1, "4306103221F4");
    report_spoilt(s, 2, "4306103221F3"); /* another reference */
    house_await(s->house, house_status(s->line).counters.reports == before + 2, 10 * SECOND);
    house_live(s->house, SECOND);
    assert_string_equal(house_states(s->house), "t");
    report_spoilt(s, 1, "4306103221F3");
    await_states(s, "d");
}

static const char *leave_at_the_pdu(struct script *s, const char *command)
{
    if (is_pdu(command))
        script_leave(s);
    return NULL;
}

static void test_a_window_closes_on_time_under_traffic(void **state)
{
    struct script *s = quick_script(leave_at_the_pdu);
    (void)state;
    s->house->settings.report_window_ms = 2 * SECOND;
    script_start_ready(s);
    script_ask(s);
    await_states(s, "?");
    int64_t started_ms = house_now_ms(s->house);
    script_ask(s); /* due, and nobody to send it */
    while (house_is(s->house, "?q")) {
        assert_in_range(house_now_ms(s->house) - started_ms, 0, 2500);
        (void)house_verify(s->house, NIF, CLAVE, "0000");
        house_live(s->house, 200);
    }
    assert_string_equal(house_states(s->house), "qq");
}

/* A message cut short by kills is not sent for ever; the last one may end by a kill, or without a
 * word. */
static void test_a_message_cut_short_by_kills(void **state)
{
    (void)state;
    for (size_t kills = MOST_SENDS - 1; kills <= MOST_SENDS; kills++) {
        struct script *s = quick_script(mute_every_pdu);
        s->house->settings.report_window_ms = 300;
        script_start_ready(s);
        script_ask(s);
        for (size_t n = 1; n <= MOST_SENDS; n++) {
            house_await(s->house, s->pdu_count == n, 20 * SECOND);
            if (n > kills)
                continue;
            house_kill(s->house);
            house_start(s->house);
            house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
        }
        await_states(s, "?");
        assert_stays(s, MOST_SENDS, "?", HOUR);
        script_free(s);
    }
}

/* ---- the SIM's PIN --------------------------------------------------------------------------- */

static struct script *with_pin(struct script *s, const char *pin)
{
    s->sim = "SIM PIN";
    s->pin = "7391";
    s->line->config.pin = pin;
    return s;
}

static const char *drop_at_the_pin(struct script *s, const char *command)
{
    if (strncmp(command, "AT+CPIN=", 8) != 0 || script_count(s, "AT+CPIN=") != 1)
        return NULL;
    (void)script_good_answer(s, command);
    script_drop(s);
    return "";
}

static void test_the_right_pin_and_the_line_drops(void **state)
{
    struct script *s = with_pin(quick_script(drop_at_the_pin), "7391");
    (void)state;
    script_start_ready(s);
    s->sim = "SIM PIN"; /* without current for a moment: it asks again */
    script_drop(s);
    house_await(s->house, script_count(s, "AT+CPIN=") == 2, 10 * SECOND);
    house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
}

static void test_a_card_that_is_busy(void **state)
{
    struct script *s = with_pin(script_once("AT+CPIN=", "+CME ERROR: 14"), "7391");
    (void)state;
    script_start_ready(s);
    assert_int_equal(script_count(s, "AT+CPIN="), 2);
    assert_int_equal(s->pin_left, 3);
}

static const char *refuse_the_number(struct script *s, const char *command)
{
    (void)s;
    return strncmp(command, "AT+CRSM", 7) == 0 ? "ERROR" : NULL;
}

static void test_a_wrong_pin_behind_a_busy_card(void **state)
{
    struct script *s = with_pin(script_once("AT+CRSM", "+CME ERROR: 14"), "1234");
    (void)state;
    script_start(s);
    house_await(s->house, house_says(s->line, "no acepta el PIN"), 15 * SECOND);
    script_drop(s);
    house_await(s->house, house_says(s->line, "ya se probó"), 15 * SECOND);
    s->hook = refuse_the_number;
    house_kill(s->house);
    house_start(s->house);
    house_await(s->house, house_says(s->line, "ya se probó"), 15 * SECOND);
    house_live(s->house, HOUR);
    assert_int_equal(script_count(s, "AT+CPIN="), 1);
    assert_int_equal(s->pin_left, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_a_stale_ok_before_the_prompt),
        script_test(test_an_ok_without_its_reference),
        script_test(test_a_slow_modem),
        script_test(test_an_optional_command_that_is_never_answered),
        script_test(test_a_mandatory_command_that_is_never_answered),
        script_test(test_a_late_answer_is_no_registration),
        script_test(test_a_prompt_that_somebody_left_open),
        script_test(test_a_report_said_twice_is_no_other_messages),
        script_test(test_a_report_that_the_centre_is_still_trying),
        script_test(test_a_report_for_a_message_that_waits_to_be_repeated),
        script_test(test_a_report_with_its_number_written_otherwise),
        script_test(test_a_report_whose_recipient_has_octets_too_many),
        script_test(test_a_window_closes_on_time_under_traffic),
        script_test(test_a_message_cut_short_by_kills),
        script_test(test_the_right_pin_and_the_line_drops),
        script_test(test_a_card_that_is_busy),
        script_test(test_a_wrong_pin_behind_a_busy_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
