/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Modems that do not work, as public reports and manuals describe them: what is tried, and what the
 * page says. What they do that is no trouble is in test_house_reported.c.
 */
#include "tests/unit/test_report_fixture.h"

enum { PEOPLE = 7 };

/* Messages to this many people, twenty seconds apart. */
static void ask_people(struct script *s, int count)
{
    for (int n = 0; n < count; n++) {
        char nif[NIF_SIZE], phone[PHONE_SIZE];
        house_person(n, nif, phone);
        (void)house_enrol(s->house, nif, phone);
        assert_ok(house_ask(s->house, nif, CLAVE));
        house_live(s->house, 20 * SECOND);
    }
}

/* ---- it answers, and nothing goes -------------------------------------------------------------
 */

/* Taken up to the first message, and until a restart refused like this. */
static const char *const sick_causes[] = {
    "+CMS ERROR: 500", /* gammu#438 */
    "+CMS ERROR: Unknown error",
    "+CMS ERROR: 38",
    "+CMS ERROR: 41", /* Telit GE865 */
    "+CMS ERROR: 42",
    "+CMS ERROR: 17",
    "+CMS ERROR: 331",
    "+CMS ERROR: 332",
    "+CMS ERROR: 350", /* EG06 */
    "+CMS ERROR: 535", /* TC65 */
    "+CMS ERROR: 512",
    "+CMS ERROR: 314",
    "+CMS ERROR: 301",
    "+CMS ERROR: 302",
    "+CMS ERROR: 304",
    "+CMS ERROR: 322",
    "+CMS ERROR: 321", /* gammu#30: after a data call */
    "+CME ERROR: 100",
    "+CME ERROR: 30",
    "+CME ERROR: 14",
    "+CME ERROR: 515",
    "ERROR",
};

static void test_messages_that_fail_after_they_went(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sick_causes) / sizeof(sick_causes[0]); i++) {
        const struct said says[SAYS] = {{SCRIPT_PDU, sick_causes[i], "AT+CFUN=1,1", 2}};
        struct script *s = script_saying(says);
        script_start_ready(s);
        ask_people(s, PEOPLE);
        house_live(s->house, 20 * MINUTE);
        if (!house_is(s->house, "ttttttt") || strcmp(house_climbed(s->house), "reinicio") != 0)
            fail_msg("%s: %s, %s", sick_causes[i], house_states(s->house), house_climbed(s->house));
        assert_true(s->pdu_count < 50);
        script_free(s);
    }
}

/* No restart for a modem that has never sent; the page says what it answers. */
static void test_messages_that_never_went(void **state)
{
    static const char *const causes[] = {"+CMS ERROR: 500", "+CMS ERROR: 41", "+CMS ERROR: 512",
                                         "+CMS ERROR: 535", "+CME ERROR: 30"};
    (void)state;
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        const struct said says[SAYS] = {{SCRIPT_PDU, causes[i], NULL, 0}};
        struct script *s = script_saying(says);
        script_start_ready(s);
        ask_people(s, PEOPLE);
        assert_int_equal(script_count(s, "AT+CFUN=1,1"), 0);
        assert_true(house_says(s->line, &causes[i][strlen("+CMS ERROR: ")]));
        size_t before = s->pdu_count;
        house_live(s->house, HOUR);
        assert_true(s->pdu_count - before < 200); /* not one after the other */
        script_free(s);
    }
}

/* ---- what the page says -----------------------------------------------------------------------
 */

static void test_sentences(void **state)
{
    static const struct {
        struct said says[SAYS];
        const char *token, *sentence;
    } rows[] = {
        {{{"AT+CPIN?", "+CPIN: NO SIM\nOK", NULL, 0}}, "sim_falta", "No hay tarjeta"},
        {{{"AT+CPIN?", "+CPIN: NOT_INSERTED\nOK", NULL, 0}}, "sim_falta", "No hay tarjeta"},
        {{{"AT+CPIN?", "+CPIN: SIM NOT INSERTED\nOK", NULL, 0}}, "sim_falta", "No hay tarjeta"},
        {{{"AT+CPIN?", "+CME ERROR: SIM not inserted", NULL, 0}}, "sim_falta", "No hay tarjeta"},
        {{{"AT+CPIN?", "+CPIN: SIM ERROR\nOK", NULL, 0}}, "sim_averiada", "La SIM falla"},
        {{{"AT+CPIN?", "+CPIN: PH-NET PIN\nOK", NULL, 0}}, "sim_bloqueada", "su operador"},
        {{{"AT+CPIN?", "+CPIN: BLOCKED\nOK", NULL, 0}}, "sim_bloqueada", "su operador"},
        {{{"AT+CPIN?", "+CPIN: HELLO\nOK", NULL, 0}}, "sim_averiada", "no se conoce"},
        {{{"AT+CPIN?", "ERROR", NULL, 0}}, "comprobando_sim", "no dice nada de su SIM"},
        {{{"AT+CPIN?", "+CPIN: SIM NOT READY\nOK", NULL, 0}}, "comprobando_sim", "no dice nada"},
        {{{"AT+CPIN?", "+CME ERROR: 14", NULL, 0}}, "comprobando_sim", "está ocupada"},
        {{{"AT", "OK", NULL, 0}}, "comprobando_sim", "puede no ser el de un módem"},
        {{NOT_HERE("11", NULL)}, "buscando_red", "llamadas de emergencia"}, /* LilyGo#247 */
        {{{"AT+CREG?", "ERROR", NULL, 0},                                   /* LilyGo#138 */
          {"AT+CGREG?", "+CGREG: 0,3\nOK", NULL, 0},
          {"AT+CEREG?", "+CEREG: 0,0\nOK", NULL, 0}},
         "buscando_red",
         "La red rechaza"},
        {{NOT_HERE("8", NULL)}, "buscando_red", "llamadas de emergencia"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script *s = script_saying(rows[i].says);
        script_start(s);
        house_live(s->house, 3 * MINUTE);
        if (!house_says(s->line, rows[i].sentence) ||
            strcmp(house_status(s->line).state_token, rows[i].token) != 0)
            fail_msg("%s: %s", house_status(s->line).state_token, house_status(s->line).detail);
        assert_string_equal(house_climbed(s->house), "");
        script_free(s);
    }
}

static void test_a_card_that_says_nothing_after_it_worked(void **state)
{
    static const char *const answers[] = {"ERROR", "+CME ERROR: 14", "OK"};
    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        const struct said says[SAYS] = {{"AT+CPIN?", answers[i], "AT+CFUN=1,1", 1}};
        struct script *s = script_saying(says);
        script_start_ready(s);
        script_ask(s);
        house_await(s->house, house_is(s->house, "t"), 10 * SECOND);
        script_say(s, "+CPIN: NOT READY");
        house_await(s->house, script_count(s, "AT+CFUN=1,1") == 1, 90 * SECOND);
        house_await(s->house, modem_is_ready(s->line->modem), 30 * SECOND);
        assert_true(house_has_evidence(s->house, "antes funcionaba"));
        script_free(s);
    }
}

/* ---- what it says by itself -------------------------------------------------------------------
 */

static void test_words_of_a_bad_supply(void **state)
{
    static const char *const words[] = {"UNDER-VOLTAGE WARNNING", "UNDER-VOLTAGE POWER DOWN",
                                        "OVER_VOLTAGE WARNING", "^SBC: Undervoltage"};
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        static const struct said nothing[SAYS];
        struct script *s = script_saying(nothing);
        script_start_ready(s);
        script_say(s, words[i]);
        house_await(s->house, house_says(s->line, "tensión"), SECOND);
        script_ask(s);
        house_await(s->house, house_is(s->house, "t"), 10 * SECOND);
        house_live(s->house, 15 * MINUTE);
        assert_false(house_says(s->line, "tensión"));
        script_free(s);
    }
}

static void test_words_of_a_card_that_is_gone(void **state)
{
    static const char *const words[] = {"^SIMST:255", "+QSIMSTAT: 1,0", "+CSMINS: 1,0",
                                        "^SCKS: 0",   "#QSS: 0",        "+CPIN: SIM NOT INSERTED"};
    static const struct said says[SAYS] = {{"AT+CPIN?", "+CME ERROR: 10", NULL, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct script *s = script_saying(says);
        script_start_ready(s);
        script_ask(s);
        house_await(s->house, house_is(s->house, "t"), 10 * SECOND);
        script_say(s, words[i]);
        house_await(s->house, house_says(s->line, "se ha soltado"), 30 * SECOND);
        script_free(s);
    }
}

/* A message told as the text mode tells it: the settings are lost. */
static void test_lines_of_the_text_mode(void **state)
{
    static const char *const lines[] = {
        "+CDS: 6,1,\"+34600123123\",145,\"26/11/29,17:00:00+04\",\"26/11/29,17:00:09+04\",0",
        "+CMT: \"+34600999888\",,\"26/11/29,17:00:00+04\"\nhola"};
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        static const struct said nothing[SAYS];
        struct script *s = script_saying(nothing);
        script_start_ready(s);
        script_say(s, lines[i]);
        house_await(s->house, script_count(s, "AT+CMGF=0") == 2, 5 * SECOND);
        house_await(s->house, modem_is_ready(s->line->modem), 5 * SECOND);
        script_free(s);
    }
}

/* Where it is, a list shows. */
static void test_announcements_in_other_spellings(void **state)
{
    static const struct {
        const char *line, *command;
    } rows[] = {
        {"+CMTI: \"sm\",3", "AT+CMGR=3"},    {"+CMTI:SM,3", "AT+CMGR=3"},
        {"+CMTI: \"SM\", 3,1", "AT+CMGR=3"}, {"+CMTI: \"0053004D\",3", "AT+CMGL=4"},
        {"+CMTI: \"SM_P\",3", "AT+CMGL=4"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const struct said nothing[SAYS];
        struct script *s = script_saying(nothing);
        script_start_ready(s);
        house_live(s->house, 5 * SECOND);
        size_t before = script_count(s, rows[i].command);
        script_say(s, rows[i].line);
        house_await(s->house, script_count(s, rows[i].command) > before, 5 * SECOND);
        script_free(s);
    }
}

/* ---- a PDU that does not arrive ---------------------------------------------------------------
 */

/* What comes within so many milliseconds of the prompt is thrown away (Siemens M20 and its kin);
 * number = milliseconds. */
static const char *answer_after_a_pause(struct script *s, const char *command)
{
    int64_t now_us = loop_now_us(s->house->loop);
    if (begins(command, "AT+CMGS="))
        s->at_us = now_us;
    if (strcmp(command, SCRIPT_PDU) != 0 || now_us - s->at_us >= (int64_t)s->number * 1000)
        return NULL;
    s->is_prompting = true;
    return "";
}

static void test_a_pdu_that_comes_too_soon(void **state)
{
    static const struct {
        int ms;
        size_t lost; /* messages, until the pause is long enough */
    } rows[] = {{0, 0}, {100, 1}, {490, 1}, {1000, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const struct said nothing[SAYS];
        struct script *s = script_saying(nothing);
        s->hook = answer_after_a_pause;
        s->number = rows[i].ms;
        s->house->settings.report_window_ms = 60 * MINUTE;
        script_start_ready(s);
        for (size_t n = 0; n < rows[i].lost; n++) {
            script_ask(s);
            house_live(s->house, 40 * SECOND);
        }
        for (size_t n = 0; n < 5; n++) {
            script_ask(s);
            house_live(s->house, 8 * SECOND);
        }
        assert_int_equal(house_count_state(s->house, OUTBOX_SENT), 5);
        assert_int_equal(s->pdu_count, 5 + rows[i].lost);
        assert_string_equal(house_climbed(s->house), "");
        script_free(s);
    }
}

/* Silence of the network's after a pause has worked: the pause stays for one more. */
static void test_a_pause_that_works_is_kept(void **state)
{
    static const struct said nothing[SAYS];
    struct script *s = script_saying(nothing);
    (void)state;
    s->hook = answer_after_a_pause;
    s->house->settings.report_window_ms = 60 * MINUTE;
    script_start_ready(s);
    for (int n = 0; n < 5; n++) {
        s->number = n == 2 ? 600 : 200;
        script_ask(s);
        house_live(s->house, SECOND);
        if (n == 3) /* and is no longer */
            assert_int_equal(house_count_state(s->house, OUTBOX_SENT), 2);
        house_live(s->house, 40 * SECOND);
    }
    assert_int_equal(house_count_state(s->house, OUTBOX_SENT), 3);
    assert_int_equal(s->pdu_count, 5);
}

/* Refused as no PDU: flag = so many times. */
static const char *answer_damaged(struct script *s, const char *command)
{
    if (strcmp(command, SCRIPT_PDU) != 0 || s->flag == 0)
        return NULL;
    s->flag--;
    return "+CMS ERROR: 304";
}

static void test_a_pdu_that_arrives_damaged(void **state)
{
    static const struct said nothing[SAYS];
    (void)state;
    for (int times = 1; times <= 2; times++) {
        struct script *s = script_saying(nothing);
        s->hook = answer_damaged;
        script_start_ready(s);
        s->flag = times;
        script_ask(s);
        house_live(s->house, SECOND);
        assert_true(house_is(s->house, times == 1 ? "t" : "f"));
        assert_int_equal(s->pdu_count, 2);
        assert_string_equal(s->pdus[0], s->pdus[1]);
        script_ask(s);
        house_live(s->house, 10 * SECOND);
        assert_int_equal(house_count_state(s->house, OUTBOX_SENT), times == 1 ? 2 : 1);
        script_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_messages_that_fail_after_they_went),
        script_test(test_messages_that_never_went),
        script_test(test_sentences),
        script_test(test_a_card_that_says_nothing_after_it_worked),
        script_test(test_words_of_a_bad_supply),
        script_test(test_words_of_a_card_that_is_gone),
        script_test(test_lines_of_the_text_mode),
        script_test(test_announcements_in_other_spellings),
        script_test(test_a_pdu_that_comes_too_soon),
        script_test(test_a_pause_that_works_is_kept),
        script_test(test_a_pdu_that_arrives_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
