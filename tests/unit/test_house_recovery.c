/* SPDX-License-Identifier: EUPL-1.2 */
/* The recovery ladder over minutes: each rung with its evidence, in order, and back at work within
 * 5 s of the modem being able to. */
#include "tests/unit/test_script_fixture.h"

#define BACK_MS (5 * SECOND)

static bool has_no_rung(const struct house_line *line)
{
    return house_status(line).recovery.rung[0] == '\0';
}

/* Off the ladder, and every rung has its end in the history. */
static void await_all_over(struct house *h, const struct house_line *line)
{
    house_await(h, has_no_rung(line) && strchr(house_rungs(h), '+') == NULL, 10 * SECOND);
}

static void set_quick(struct house_line *line)
{
    line->config.prompt_ms = line->config.final_ms = SECOND;
}

static struct script *quick_script(script_hook hook)
{
    struct script *s = script_new(hook);
    set_quick(s->line);
    return s;
}

/* A quick house on a simulated modem, in service. */
static struct house *quick_house(const char *fault, bool is_ready)
{
    struct house *h = house_new();
    h->settings.limits = house_no_limits();
    set_quick(house_add_modem(h, NULL));
    if (fault != NULL)
        house_fault(&h->lines[0], fault);
    house_start(h);
    assert_ok(house_enrol(h, NIF, PHONE));
    if (is_ready)
        house_await(h, modem_is_ready(h->lines[0].modem), 10 * SECOND);
    return h;
}

/* ---- dead for a minute ----------------------------------------------------------------------- */

static void test_dead_for_a_minute(void **state)
{
    static const char *const faults[] = {"silent:60000", "boot-flood:60000"};
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct house *h = quick_house(NULL, true);
        struct house_line *line = &h->lines[0];
        house_fault(line, faults[i]);
        int64_t able_ms = house_now_ms(h) + MINUTE;
        assert_ok(house_ask(h, NIF, CLAVE));
        house_await(h, strstr(house_rungs(h), "alarma") != NULL, 55 * SECOND);
        assert_string_equal(house_rungs(h),
                            "escape- inicializacion- reinicio- reapertura- alarma+");
        house_await(h, strcmp(house_status(line).recovery.rung, "alarma") == 0, SECOND);
        assert_true(house_says(line, "corriente"));
        house_await(h, house_count_received(line, PHONE) == 1, 70 * SECOND);
        assert_in_range(house_now_ms(h) - able_ms, 1, BACK_MS);
        house_await(h, modem_is_ready(line->modem), SECOND);
        await_all_over(h, line);
        assert_string_equal(house_rungs(h), "escape- inicializacion- reinicio- reapertura- alarma");
        house_live(h, MINUTE);
        assert_int_equal(house_count_received(line, NULL), 1);
        assert_int_equal(house_count_log(h, "Se reinicia el módem."), 1);
        house_free(h);
    }
}

/* ---- one that answers AT but does not do its work -------------------------------------------- */

static const char *no_prompt_until_restart(struct script *s, const char *command)
{
    return strncmp(command, "AT+CMGS=", 8) == 0 && script_count(s, "AT+CFUN=1,1") == 0 ? "" : NULL;
}

static void test_no_prompt_until_it_is_restarted(void **state)
{
    struct script *s = quick_script(no_prompt_until_restart);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    house_await(s->house, script_count(s, "ATZ") == 1, 30 * SECOND);
    assert_true(house_has_evidence(s->house, "no los ha pedido"));
    house_await(s->house, s->pdu_count > 0, 40 * SECOND);
    await_all_over(s->house, s->line);
    assert_string_equal(house_rungs(s->house), "escape inicializacion escape reinicio");
    assert_int_equal(script_count(s, "AT+CFUN=1,1"), 1);
    assert_int_equal(s->pdu_count, 1);
}

static const char *no_outcome_three_times(struct script *s, const char *command)
{
    return strcmp(command, SCRIPT_PDU) == 0 && s->pdu_count <= 3 ? "" : NULL;
}

static void test_no_outcome_three_times(void **state)
{
    struct script *s = quick_script(no_outcome_three_times);
    (void)state;
    script_start_ready(s);
    for (int i = 0; i < 3; i++)
        script_ask(s);
    house_await(s->house, script_count(s, "ATZ") == 1, 20 * SECOND);
    assert_int_equal(strncmp(house_rungs(s->house), "escape inicializacion", 21), 0);
    assert_true(house_has_evidence(s->house, "tres últimos"));
    script_ask(s);
    house_await(s->house, s->pdu_count >= 4, 10 * SECOND);
    await_all_over(s->house, s->line);
    assert_int_equal(script_count(s, "AT+CFUN="), 0);
}

static void test_a_prompt_that_escape_does_not_leave(void **state)
{
    struct house *h = quick_house(NULL, true);
    char code[CODE_SIZE];
    (void)state;
    house_fault(&h->lines[0], "esc-ignored");
    house_fault(&h->lines[0], "prompt-late:1500");
    assert_ok(house_ask(h, NIF, CLAVE));
    house_await(h, house_count_received(&h->lines[0], NULL) == 1, 30 * SECOND);
    house_last_code(&h->lines[0], PHONE, code);
    assert_true(house_verify(h, NIF, CLAVE, code));
    await_all_over(h, &h->lines[0]);
    assert_null(strstr(house_rungs(h), "reinicio"));
    house_live(h, MINUTE);
    assert_int_equal(house_count_received(&h->lines[0], NULL), 1);
}

/* The prompt comes when nobody waits for it any more; the message goes once all the same. */
static void test_a_prompt_slower_than_its_deadline_is_left(void **state)
{
    struct house *h = quick_house(NULL, true);
    (void)state;
    house_fault(&h->lines[0], "prompt-late:1500");
    assert_ok(house_ask(h, NIF, CLAVE));
    house_await(h, house_count_received(&h->lines[0], NULL) == 1, 20 * SECOND);
    await_all_over(h, &h->lines[0]);
    house_live(h, MINUTE);
    assert_int_equal(house_count_received(&h->lines[0], NULL), 1);
    assert_string_equal(house_rungs(h), "escape");
}

/* ---- what is no reason to climb -------------------------------------------------------------- */

static void test_faults_of_the_card_never_climb(void **state)
{
    static const struct {
        const char *fault, *word;
    } rows[] = {{"no-sim", "SIM"}, {"creg:3", "rechaza"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct house *h = quick_house(rows[i].fault, false);
        house_await(h, house_says(&h->lines[0], rows[i].word), 10 * SECOND);
        house_live(h, HOUR);
        assert_string_equal(house_rungs(h), "");
        assert_int_equal(house_count_command(&h->lines[0], "+CFUN"), 0);
        house_free(h);
    }
}

static void on_noise(void *user)
{
    struct script *s = user;
    script_say(s, "^RSSI:25\n^BOOT:26510952,0,0,0,6");
    loop_timer_set(s->timer, loop_now_us(s->house->loop) + 50 * 1000);
}

/* A modem that never stops talking, but answers, gets to work and stays there. */
static void test_noise_neither_helps_nor_hinders(void **state)
{
    struct script *s = quick_script(NULL);
    (void)state;
    loop_source_free(s->timer);
    s->timer = loop_add_timer(s->house->loop, LOOP_PRIORITY_NORMAL, on_noise, s);
    on_noise(s);
    script_start(s);
    house_live(s->house, 10 * MINUTE);
    assert_true(modem_is_ready(s->line->modem));
    assert_string_equal(house_rungs(s->house), "");
    script_ask(s);
    house_await(s->house, s->pdu_count == 1, 10 * SECOND);
}

/* ---- how a modem wants to be started --------------------------------------------------------- */

static const char *not_ready_yet(struct script *s, const char *command)
{
    return strcmp(command, "AT+CMGF=0") == 0 && !s->flag ? "ERROR" : NULL;
}

/* As a SIM800: refuses what it knows well until it says "SMS Ready". */
static void test_one_that_is_not_ready_yet(void **state)
{
    struct script *s = quick_script(not_ready_yet);
    (void)state;
    script_start(s);
    house_await(s->house, script_count(s, "AT+CMGF=0") >= 3, 10 * SECOND);
    s->flag = true;
    script_say(s, "SMS Ready");
    house_await(s->house, modem_is_ready(s->line->modem), 700);
    assert_string_equal(house_rungs(s->house), "");
}

static const char *as_telit(struct script *s, const char *command)
{
    int64_t now_us = loop_now_us(s->house->loop);
    if (strcmp(command, "AT+CPIN?") == 0)
        s->flag = true; /* it is known by then */
    else if (s->flag && now_us - s->at_us < s->number)
        s->number = (int)(now_us - s->at_us);
    s->at_us = now_us;
    return strcmp(command, "AT+CGMI") == 0   ? "Telit\nOK"
           : strcmp(command, "AT+CGMM") == 0 ? "LE910C1-EU\nOK"
                                             : NULL;
}

/* Telit wants 20 ms between a result and the next command. */
static void test_a_pause_between_commands(void **state)
{
    struct script *s = quick_script(as_telit);
    (void)state;
    s->number = INT32_MAX; /* the shortest pause, in microseconds */
    script_start_ready(s);
    assert_string_equal(house_status(s->line).make.driver, "telit");
    house_live(s->house, MINUTE);
    assert_in_range(s->number, 20000, INT32_MAX - 1);
}

static const char *drop_at_the_prompt(struct script *s, const char *command)
{
    if (strncmp(command, "AT+CMGS=", 8) != 0 || s->flag)
        return NULL;
    s->flag = true;
    script_drop(s);
    return "";
}

/* The line breaks between the prompt and the PDU; nothing left, so it goes once. */
static void test_a_message_is_not_lost_over_a_lost_prompt(void **state)
{
    struct script *s = quick_script(drop_at_the_prompt);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    house_await(s->house, s->pdu_count > 0, 10 * SECOND);
    house_live(s->house, MINUTE);
    assert_int_equal(s->pdu_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_dead_for_a_minute),
        script_test(test_no_prompt_until_it_is_restarted),
        script_test(test_no_outcome_three_times),
        script_test(test_a_prompt_that_escape_does_not_leave),
        script_test(test_a_prompt_slower_than_its_deadline_is_left),
        script_test(test_faults_of_the_card_never_climb),
        script_test(test_noise_neither_helps_nor_hinders),
        script_test(test_one_that_is_not_ready_yet),
        script_test(test_a_pause_between_commands),
        script_test(test_a_message_is_not_lost_over_a_lost_prompt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
