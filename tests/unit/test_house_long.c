/* SPDX-License-Identifier: EUPL-1.2 */
/* Faults that last for hours: told once, and with the action; nothing floods the log, nothing is
 * given up. */
#include "tests/unit/test_script_fixture.h"

static size_t count_rungs(struct house *h, const char *rung)
{
    size_t count = 0;
    for (const char *at = house_rungs(h); (at = strstr(at, rung)) != NULL; at++)
        count++;
    return count;
}

/* ---- never a prompt -------------------------------------------------------------------------- */

static const char *no_prompt(struct script *s, const char *command)
{
    return strncmp(command, "AT+CMGS=", 8) == 0 && !s->flag ? "" : NULL;
}

/* Every rung that there is, one after the other; then it is said, and it goes on trying. */
static void test_never_a_prompt(void **state)
{
    struct script *s = script_new(no_prompt);
    struct house *h = s->house;
    (void)state;
    s->line->config.prompt_ms = s->line->config.final_ms = SECOND;
    script_start_ready(s);
    for (int i = 0; i < 20; i++)
        script_ask(s);
    house_await(h, house_says(s->line, "no ha servido"), 150 * SECOND);
    assert_string_equal(house_climbed(h), "inicializacion reinicio reapertura");
    size_t tried = script_count(s, "AT+CMGS=");
    int64_t told = house_query(h, "SELECT count(*) FROM recoveries");
    house_await(h, script_count(s, "AT+CMGS=") >= tried + 3, MINUTE);
    house_await(h, modem_is_ready(s->line->modem), 10 * SECOND);
    assert_true(house_says(s->line, "desenchúfelo"));
    assert_in_range(house_query(h, "SELECT count(*) FROM recoveries"), told, told + 1);
    assert_int_equal(house_count_log(h, "no ha servido"), 1);
    s->flag = true; /* mended */
    house_await(h, s->pdu_count > 0, MINUTE);
    house_await(h, house_status(s->line).detail[0] == '\0', 10 * SECOND);
}

/* ---- AT and nothing else --------------------------------------------------------------------- */

static const char *mute_setting(struct script *s, const char *command)
{
    return strcmp(command, "AT+CMGF=0") == 0 && s->flag ? "" : NULL;
}

/* A single alarm, however often the modem answers AT in between; and a single end of it. */
static void test_one_that_answers_and_does_nothing_else(void **state)
{
    struct script *s = script_new(mute_setting);
    struct house *h = s->house;
    (void)state;
    script_start_ready(s);
    s->flag = true;
    script_drop(s);
    house_await(h, count_rungs(h, "alarma") > 0, 120 * SECOND);
    size_t tried = script_count(s, "AT+CMGF=0");
    house_await(h, script_count(s, "AT+CMGF=0") >= tried + 2, 90 * SECOND);
    house_live(h, 25 * MINUTE); /* every half hour it climbs anew */
    assert_string_equal(house_status(s->line).recovery.rung, "alarma");
    assert_true(house_says(s->line, "corriente"));
    assert_int_equal(count_rungs(h, "alarma"), 1);
    assert_int_equal(count_rungs(h, "alarma+"), 1); /* it has not ended */
    assert_int_equal(house_count_log(h, "No se ha podido recuperar"), 1);
    s->flag = false;
    house_await(h, modem_is_ready(s->line->modem), MINUTE);
    house_await(h, count_rungs(h, "alarma+") == 0, 10 * SECOND);
    const char *rungs = house_rungs(h);
    assert_string_equal(rungs + strlen(rungs) - strlen("alarma"),
                        "alarma"); /* the last: it worked */
    assert_string_equal(house_status(s->line).recovery.rung, "");
    assert_string_equal(house_status(s->line).detail, "");
}

/* ---- restarts, losses, texts ----------------------------------------------------------------- */

static const char *restart_at_the_first(struct script *s, const char *command)
{
    return strcmp(command, SCRIPT_PDU) == 0 && s->pdu_count == 1 ? "RDY" : NULL;
}

/* The modem has forgotten the message: the daemon does not wait 150 s for its answer. */
static void test_a_restart_in_the_middle_of_a_message(void **state)
{
    struct script *s = script_new(restart_at_the_first);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    house_await(s->house, house_status(s->line).counters.unknown == 1, 6 * SECOND);
    script_ask(s);
    house_await(s->house, s->pdu_count >= 2, 10 * SECOND);
}

/* From the fifth time on it is the cable, said once. */
static void test_one_that_comes_and_goes(void **state)
{
    struct script *s = script_new(NULL);
    struct house *h = s->house;
    (void)state;
    script_start_ready(s);
    for (unsigned lost = 1; lost < 9; lost++) {
        script_drop(s);
        house_await(h, house_status(s->line).counters.losses == lost, 10 * SECOND);
        house_await(h, modem_is_ready(s->line->modem), 10 * SECOND);
    }
    assert_true(house_says(s->line, "una y otra vez"));
    assert_int_equal(house_count_log(h, "aviso: módem m1: El módem se desconecta una y otra vez"),
                     1);
    assert_int_equal(house_count_log(h, "Se ha perdido la conexión"), 4);
    assert_in_range(house_count_log(h, "nota: módem m1: listo"), 1, 5);
    script_ask(s);
    house_await(h, s->pdu_count > 0, 10 * SECOND);
}

static void on_prompt(void *user)
{
    struct script *s = user;
    s->number = (int)s->command_count;
    script_say(s, SCRIPT_PROMPT);
}

static const char *menu_before_the_prompt(struct script *s, const char *command)
{
    if (strncmp(command, "AT+CMGS=", 8) != 0)
        return NULL;
    s->flag++;
    script_say(s, "+CUSD: 1,\"Elija:");
    script_say(s, "> 1 Saldo\nERROR\n> 2 Bonos\",15");
    loop_timer_set(s->timer, loop_now_us(s->house->loop) + 200 * 1000);
    return "";
}

/* Lines of an operator's text that look like a prompt and like a result are neither. */
static void test_the_menu_of_an_operator(void **state)
{
    struct script *s = script_new(menu_before_the_prompt);
    (void)state;
    loop_source_free(s->timer);
    s->timer = loop_add_timer(s->house->loop, LOOP_PRIORITY_NORMAL, on_prompt, s);
    script_start_ready(s);
    script_ask(s);
    house_await(s->house, s->pdu_count == 1, 10 * SECOND);
    house_await(s->house, house_status(s->line).counters.sent == 1, 10 * SECOND);
    assert_int_equal(s->flag, 1);
    assert_int_equal(script_count(s, "00"), 0); /* no PDU was given as a command */
}

/* ---- a blocked card -------------------------------------------------------------------------- */

/* The card is looked at after a moment and then every half minute; only the result is shown. */
static void test_a_blocked_card_does_not_flicker(void **state)
{
    struct script *s = script_new(NULL);
    struct house *h = s->house;
    (void)state;
    s->sim = "SIM PUK";
    script_start(s);
    house_await(h, strcmp(house_status(s->line).state_token, "sim_puk") == 0, 10 * SECOND);
    s->delay_us = 300 * 1000;
    size_t looks = script_count(s, "AT+CPIN?");
    int64_t end_us = loop_now_us(h->loop) + HOUR * 1000;
    while (house_step(h, end_us))
        assert_string_equal(house_status(s->line).state_token, "sim_puk");
    assert_in_range(script_count(s, "AT+CPIN?") - looks, 60, 130);
    assert_true(house_status(s->line).in_state_us >= HOUR * 1000);
    s->sim = "READY";
    s->delay_us = 0;
    house_await(h, modem_is_ready(s->line->modem), 40 * SECOND);
    assert_true(house_status(s->line).in_state_us < 20 * SECOND * 1000);
}

/* ---- a network that talks too much ----------------------------------------------------------- */

static void test_a_network_that_repeats_itself(void **state)
{
    struct script *s = script_new(NULL);
    struct house *h = s->house;
    (void)state;
    s->creg = 2;
    script_start(s);
    house_await(h, house_says(s->line, "Buscando red"), 15 * SECOND);
    s->creg = 1;
    for (int i = 0; i < 3000; i++) {
        script_say(s, "+CREG: 1");
        house_live(h, 20);
    }
    assert_true(modem_is_ready(s->line->modem));
    assert_int_equal(s->connections, 1);
    assert_int_equal(house_status(s->line).counters.losses, 0);
}

static const char *waver(struct script *s, const char *command)
{
    static char out[2 * SCRIPT_LINE];
    (void)snprintf(out, sizeof(out), "%s\n+CREG: 0", script_good_answer(s, command));
    return out;
}

/* Registered when asked, and gone at once: that must not drive the daemon. */
static void test_a_network_that_wavers(void **state)
{
    struct script *s = script_new(waver);
    struct house *h = s->house;
    (void)state;
    log_init(LOG_LEVEL_DEBUG); /* what floods it counts too */
    script_start(s);
    house_await(h, script_count(s, "AT+CSQ") > 0, 30 * SECOND);
    size_t commands = s->command_count, lines = house_count_log(h, "");
    house_live(h, MINUTE);
    assert_in_range(s->command_count - commands, 0, 60 * 20);
    assert_in_range(house_count_log(h, "") - lines, 0, 60 * 20);
    s->hook = NULL;
    house_await(h, modem_is_ready(s->line->modem), 20 * SECOND);
    script_ask(s);
    house_await(h, house_is(h, "t"), 10 * SECOND);
}

/* ---- a modem with a will of its own ---------------------------------------------------------- */

static const char *restart_in_the_second(struct script *s, const char *command)
{
    if (s->flag || strcmp(command, SCRIPT_PDU) != 0 || s->pdu_count != 2)
        return NULL;
    s->flag = true;
    return "RDY\n+CMGS: 2\nOK";
}

/* Its settings are gone, and without AT+CNMI there are no reports: idle, or in the middle of a
 * message. */
static void test_a_modem_that_restarts_by_itself(void **state)
{
    struct script *s = script_new(restart_in_the_second);
    struct house *h = s->house;
    char milestones[64] = "";
    (void)state;
    s->line->config.prompt_ms = s->line->config.final_ms = 500;
    script_start_ready(s);
    script_say(s, "RDY\n+CPIN: READY\nSMS DONE");
    script_ask(s);
    house_await(h, house_is(h, "t"), 20 * SECOND);
    script_ask(s);
    house_await(h, house_is(h, "tt"), 20 * SECOND);
    script_ask(s);
    house_await(h, house_is(h, "ttt"), 20 * SECOND);
    for (size_t i = 0; i < s->command_count; i++)
        if (strncmp(s->commands[i], "AT+CNMI", 7) == 0 && s->commands[i][7] == '=')
            strncat(milestones, "N", 2);
        else if (strncmp(s->commands[i], "AT+CMGS", 7) == 0)
            strncat(milestones, "S", 2);
    assert_string_equal(milestones, "NNSSNS");
}

static const char *no_centre_twice(struct script *s, const char *command)
{
    return strcmp(command, SCRIPT_PDU) == 0 && s->pdu_count <= 2 ? "+CMS ERROR: 330" : NULL;
}

static void test_a_service_centre_that_is_not_known(void **state)
{
    struct script *s = script_new(no_centre_twice);
    struct house *h = s->house;
    (void)state;
    s->line->config.prompt_ms = s->line->config.final_ms = 500;
    script_start_ready(s);
    script_ask(s);
    for (size_t n = 1; n <= 2; n++) {
        house_await(h, s->pdu_count == n, 20 * SECOND);
        house_await(h, house_says(s->line, "CMS 330") && house_says(s->line, "centro de mensajes"),
                    15 * SECOND);
        size_t before = s->command_count;
        house_live(h, 1500);
        assert_in_range(s->command_count, before, before + 3);
        assert_int_equal(s->pdu_count, n);
        assert_true(house_says(s->line, "centro de mensajes"));
        assert_string_equal(house_states(h), "q");
        house_live(h, 11 * SECOND);
        script_drop(s); /* somebody takes it out and puts it back */
    }
    house_await(h, house_is(h, "t"), 20 * SECOND);
    assert_int_equal(s->pdu_count, 3);
    assert_string_equal(house_status(s->line).detail, "");
}

/* ---- reports that come no more --------------------------------------------------------------- */

static void test_reports_that_come_no_more(void **state)
{
    struct script *s = script_new(NULL);
    struct house *h = s->house;
    (void)state;
    script_start_ready(s);
    for (unsigned sent = 1; sent <= 2 * MODEM_UNREPORTED; sent++) {
        script_ask(s); /* a line that never gave any is not told of */
        house_await(h, house_status(s->line).counters.sent == sent, 20 * SECOND);
        assert_int_equal(house_status(s->line).trouble.unreported_us, -1);
    }
    script_report(s, 1);
    house_await(h, house_status(s->line).counters.reports == 1, 10 * SECOND);
    for (unsigned sent = 1; sent <= MODEM_UNREPORTED; sent++) {
        assert_int_equal(house_status(s->line).trouble.unreported_us, -1);
        script_ask(s);
        house_await(h, house_status(s->line).counters.sent == 2 * MODEM_UNREPORTED + sent,
                    20 * SECOND);
    }
    house_live(h, HOUR);
    assert_in_range(house_status(s->line).trouble.unreported_us, HOUR * 1000, HOUR * 1000 + 20000);
    script_report(s, 2);
    house_await(h, house_status(s->line).trouble.unreported_us == -1, 10 * SECOND);
}

/* ---- nonsense -------------------------------------------------------------------------------- */

/* An answer to nobody counts, is told once, and goes on counting behind a lost line. */
static void test_nonsense_counts_on_over_a_lost_line(void **state)
{
    struct script *s = script_new(NULL);
    struct house *h = s->house;
    (void)state;
    s->line->config.prompt_ms = s->line->config.final_ms = SECOND;
    script_start_ready(s);
    for (unsigned lines = 1; lines <= 2; lines++) {
        house_live(h, 30 * SECOND); /* no command is in flight that "OK" could be the answer to */
        script_say(s, "+CMGS: 7\nOK");
        house_await(h, house_status(s->line).counters.garbage >= 2 * lines, 10 * SECOND);
        script_drop(s);
        house_await(h, s->connections == lines + 1 && modem_is_ready(s->line->modem), 10 * SECOND);
    }
    assert_int_equal(house_count_log(h, "no se repetirá este aviso"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_never_a_prompt),
        script_test(test_one_that_answers_and_does_nothing_else),
        script_test(test_a_restart_in_the_middle_of_a_message),
        script_test(test_one_that_comes_and_goes),
        script_test(test_the_menu_of_an_operator),
        script_test(test_a_blocked_card_does_not_flicker),
        script_test(test_a_network_that_repeats_itself),
        script_test(test_a_network_that_wavers),
        script_test(test_a_modem_that_restarts_by_itself),
        script_test(test_a_service_centre_that_is_not_known),
        script_test(test_reports_that_come_no_more),
        script_test(test_nonsense_counts_on_over_a_lost_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
