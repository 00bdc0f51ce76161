/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Settings that the work depends on and that another program changed or the modem lost: asked for,
 * set, and told where that is refused. The case numbers are those of the public reports (kind 1:
 * settings).
 */
#include "tests/unit/test_script_fixture.h"

#include "service/receive.h"
#include "store/balance.h"

static bool is_pdu(const char *command)
{
    return strcmp(command, SCRIPT_PDU) == 0;
}

/* Sends one message, which must leave. */
static void send_one(struct script *s)
{
    script_ask(s);
    house_await(s->house, house_is(s->house, "t"), 15 * SECOND);
}

/* ---- 1a, 1b: the radio ----------------------------------------------------------------------- */

/* A radio in some +CFUN, which only AT+CFUN=1 switches on: a restart brings it back as it was. */
static struct {
    int cfun;
    bool has_dead_card; /* while it is off */
    bool refuses;       /* to be switched on */
} radio;

static const char *answer_radio(struct script *s, const char *command)
{
    static char told[32];
    if (strcmp(command, "AT+CFUN?") == 0) {
        (void)snprintf(told, sizeof(told), "+CFUN: %d\nOK", radio.cfun);
        return told;
    }
    if (strcmp(command, "AT+CFUN=1,1") == 0)
        return "OK";
    if (strncmp(command, "AT+CFUN=1", 9) == 0) {
        radio.cfun = radio.refuses ? radio.cfun : 1;
        return radio.refuses ? "+CME ERROR: 3" : "OK";
    }
    if (radio.cfun == 1)
        return NULL;
    if (strcmp(command, "AT+CPIN?") == 0 && radio.has_dead_card)
        return "+CME ERROR: 13";
    if (strcmp(command, "AT+CSQ") == 0)
        return "+CSQ: 99,99\nOK";
    (void)s;
    return strcmp(command, "AT+CREG?") == 0    ? "+CREG: 2,0\nOK"
           : strcmp(command, "AT+CGREG?") == 0 ? "+CGREG: 2,0\nOK"
           : strcmp(command, "AT+CEREG?") == 0 ? "+CEREG: 2,0\nOK"
                                               : NULL;
}

static void test_1a_1b_a_radio_that_is_off_at_power_on(void **state)
{
    static const struct {
        int cfun;
        bool has_dead_card;
    } rows[] = {{4, false}, {0, true}, {7, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script *s = script_new(answer_radio);
        radio.cfun = rows[i].cfun;
        radio.has_dead_card = rows[i].has_dead_card;
        radio.refuses = false;
        script_start_ready(s);
        send_one(s);
        assert_int_equal(script_count(s, "AT+CFUN=1"), 1);
        assert_int_equal(script_count(s, "AT+CFUN=1,1"), 0);
        script_free(s);
    }
}

/* Another program switches it off while the modem works. */
static void test_a_radio_that_goes_off(void **state)
{
    (void)state;
    for (int dead = 0; dead < 2; dead++) {
        struct script *s = script_new(answer_radio);
        radio.cfun = 1;
        radio.has_dead_card = dead != 0;
        radio.refuses = false;
        script_start_ready(s);
        radio.cfun = 4;
        script_say(s, "+CREG: 0");
        house_await(s->house, script_count(s, "AT+CFUN=1") == 1, 10 * SECOND);
        house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
        assert_int_equal(house_count_log(s->house, "antena"), 0);
        script_free(s);
    }
}

static void test_a_radio_that_stays_off(void **state)
{
    (void)state;
    for (int dead = 0; dead < 2; dead++) {
        struct script *s = script_new(answer_radio);
        radio.cfun = 4;
        radio.has_dead_card = dead != 0;
        radio.refuses = true;
        script_start(s);
        house_await(s->house,
                    house_says(s->line, "radio apagada") && house_says(s->line, "se niega"),
                    15 * SECOND);
        house_live(s->house, HOUR);
        assert_true(house_says(s->line, "radio apagada") && house_says(s->line, "se niega"));
        assert_int_equal(house_count_log(s->house, "antena"), 0);
        assert_int_equal(house_count_log(s->house, "Límpiela"), 0);
        radio.refuses = false;
        house_await(s->house, modem_is_ready(s->line->modem), 45 * SECOND);
        script_free(s);
    }
}

/* ---- the network ----------------------------------------------------------------------------- */

static const char *off_the_network(struct script *s, const char *command)
{
    if (strcmp(command, "AT+COPS?") == 0)
        return s->flag ? "+COPS: 0\nOK" : "+COPS: 2\nOK";
    if (strcmp(command, "AT+COPS=0") == 0)
        s->flag = true;
    return s->flag                             ? NULL
           : strcmp(command, "AT+CREG?") == 0  ? "+CREG: 2,0\nOK"
           : strcmp(command, "AT+CGREG?") == 0 ? "+CGREG: 2,0\nOK"
           : strcmp(command, "AT+CEREG?") == 0 ? "+CEREG: 2,0\nOK"
                                               : NULL;
}

static void test_a_modem_taken_off_the_network_by_another_program(void **state)
{
    struct script *s = script_new(off_the_network);
    (void)state;
    script_start_ready(s);
    assert_int_equal(script_count(s, "AT+COPS=0"), 1);
    assert_int_equal(house_count_log(s->house, "antena"), 0);
}

/* ---- 1c: characters -------------------------------------------------------------------------- */

/* Speaks UCS2 as long as another program's +CSCS holds (27.007 5.5): flag. */
static const char *answer_characters(struct script *s, const char *command)
{
    if (strcmp(command, "AT+CSCS?") == 0)
        return s->flag ? "+CSCS: \"UCS2\"\nOK" : "+CSCS: \"IRA\"\nOK";
    if (strncmp(command, "AT+CSCS=", 8) == 0)
        s->flag = strstr(command, "UCS2") != NULL;
    if (strcmp(command, "AT+CSCA?") == 0)
        return s->flag ? "+CSCA: \"002B00330034003600300039003000390030003900300039\",145\nOK"
                       : "+CSCA: \"+34609090909\",145\nOK";
    if (strcmp(command, "AT+COPS?") == 0)
        return s->flag ? "+COPS: 0,0,\"004D006F007600690073007400610072\",7\nOK"
                       : "+COPS: 0,0,\"Movistar\",7\nOK";
    if (strncmp(command, "AT+CSCA=", 8) == 0 && s->flag)
        return "+CMS ERROR: 304";
    if (strncmp(command, "AT+CUSD=1", 9) == 0)
        return s->flag ? "+CUSD: 4\nOK" : "OK\n+CUSD: 0,\"Saldo: 7,20 EUR\",15";
    return NULL;
}

static void assert_balance(struct script *s)
{
    struct house *h = s->house;
    struct balance told;
    assert_ok(turn_enter(h->service.turn));
    assert_ok(receive_ask_balance(&h->service, s->line->modem, house_now_ms(h)));
    turn_leave(h->service.turn, true);
    house_await(h,
                balance_get(h->service.store, s->line->config.name, &told) == CC_OK &&
                    strstr(told.text, "7,20") != NULL,
                30 * SECOND);
}

static struct script *script_with_balance(script_hook hook, const char *smsc)
{
    struct script *s = script_new(hook);
    s->line->config.ussd = "*134#";
    s->line->config.smsc = smsc;
    return s;
}

static void test_1c_characters_left_at_ucs2(void **state)
{
    struct script *s = script_with_balance(answer_characters, "+34609090909");
    (void)state;
    s->flag = true;
    script_start_ready(s);
    house_await(s->house, strcmp(house_status(s->line).sample.operator, "Movistar") == 0,
                10 * SECOND);
    assert_int_equal(script_count(s, "AT+CSCA="), 0);
    assert_balance(s);
}

/* Another program sets it while the modem works, and the refused question goes again. */
static void test_1c_characters_set_to_ucs2_later(void **state)
{
    struct script *s = script_with_balance(answer_characters, "+34609090909");
    (void)state;
    script_start_ready(s);
    house_live(s->house, 5 * SECOND);
    s->flag = true;
    assert_balance(s);
    assert_int_equal(script_count(s, "AT+CUSD=1"), 2);
}

static const char *session_open(struct script *s, const char *command)
{
    if (strcmp(command, "AT+CUSD=2") == 0)
        s->flag = false;
    if (strncmp(command, "AT+CUSD=1", 9) == 0)
        return s->flag ? "ERROR" : "OK\n+CUSD: 0,\"Saldo: 7,20 EUR\",15";
    return NULL;
}

/* By another program: the next question is an ERROR until AT+CUSD=2. */
static void test_1c_a_session_left_open(void **state)
{
    struct script *s = script_with_balance(session_open, "");
    (void)state;
    s->flag = true;
    script_start_ready(s);
    assert_balance(s);
}

/* ---- lost in the middle of the work ---------------------------------------------------------- */

static const char *format_cause; /* text mode: the modem calls the PDU wrong */

static const char *answer_format(struct script *s, const char *command)
{
    if (strcmp(command, "AT+CMGF?") == 0)
        return s->flag ? "+CMGF: 1\nOK" : "+CMGF: 0\nOK";
    if (strncmp(command, "AT+CMGF=", 8) == 0)
        s->flag = command[8] == '1';
    return strncmp(command, "AT+CMGS=", 8) == 0 && s->flag ? format_cause : NULL;
}

/* The message is not to blame, and goes again. */
static void test_text_mode_that_another_program_left(void **state)
{
    static const char *const causes[] = {"+CMS ERROR: 304", "+CMS ERROR: 305", "ERROR"};
    (void)state;
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        struct script *s = script_new(answer_format);
        format_cause = causes[i];
        script_start_ready(s);
        s->flag = true;
        send_one(s);
        assert_int_equal(s->pdu_count, 1);
        script_free(s);
    }
}

static const char *drop_while_explaining(struct script *s, const char *command)
{
    if (is_pdu(command) && s->pdu_count == 1)
        return "+CMS ERROR: 310";
    if (strcmp(command, "AT+CFUN?") != 0 || s->pdu_count != 1 || s->flag)
        return NULL;
    s->flag = true;
    script_drop(s);
    return "";
}

/* The outcome is told all the same, and the message goes when the modem is back. */
static void test_a_line_lost_while_a_refusal_is_explained(void **state)
{
    struct script *s = script_new(drop_while_explaining);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    house_await(s->house, s->flag, 10 * SECOND);
    house_await(s->house, house_is(s->house, "q"), 10 * SECOND);
    house_await(s->house, house_is(s->house, "t"), 25 * SECOND);
}

/* As a good modem, with the command in front of the answer. */
static const char *with_echo(struct script *s, const char *command)
{
    static char out[2 * SCRIPT_LINE];
    (void)snprintf(out, sizeof(out), "%s\n%s", command, script_good_answer(s, command));
    return out;
}

static const char *echo_until_ate0(struct script *s, const char *command)
{
    if (strcmp(command, "ATE0V1") == 0)
        s->flag = false;
    return s->flag && !is_pdu(command) ? with_echo(s, command) : NULL;
}

/* Echo that comes back says that the settings are gone: without AT+CNMI there are no reports. */
static void test_echo_that_comes_back(void **state)
{
    struct script *s = script_new(echo_until_ate0);
    (void)state;
    s->flag = true;
    script_start_ready(s);
    assert_int_equal(script_count(s, "AT+CNMI="), 1);
    s->flag = true;
    send_one(s);
    house_await(s->house, script_count(s, "AT+CNMI=") == 2, 10 * SECOND);
    house_live(s->house, 10 * MINUTE);
    assert_int_equal(script_count(s, "AT+CNMI="), 2);
}

static const char *echo_for_ever(struct script *s, const char *command)
{
    return is_pdu(command) ? NULL : with_echo(s, command);
}

static void test_echo_that_never_goes(void **state)
{
    struct script *s = script_new(echo_for_ever);
    (void)state;
    script_start_ready(s);
    send_one(s);
    assert_int_equal(script_count(s, "AT+CNMI="), 1);
}

/* Without a network, the restart forgets the PIN and the reports: both are given again. */
static void test_a_restart_while_it_searches_a_network(void **state)
{
    static const char *const words[] = {"RDY", "^SYSSTART", "SMS DONE"};
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct script *s = script_new(NULL);
        s->creg = 2;
        s->sim = "SIM PIN";
        s->pin = s->line->config.pin = "7391";
        script_start(s);
        house_await(s->house, house_says(s->line, "Buscando red"), 15 * SECOND);
        s->sim = "SIM PIN";
        script_say(s, words[i]);
        house_await(s->house, script_count(s, "AT+CPIN=") == 2, 10 * SECOND);
        s->creg = 1;
        house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
        assert_int_equal(script_count(s, "AT+CNMI="), 2);
        script_free(s);
    }
}

/* ---- a start told in a maker's own word -------------------------------------------------------
 */

static void test_words_of_a_start(void **state)
{
    static const char *const words[] = {
        "RDY",           /* SIMCom, Quectel */
        "APP RDY",       /* Quectel BG95 */
        "+SYSSTART",     /* Sequans */
        "^SYSSTART",     /* Cinterion */
        "*EMRDY: 1",     /* Ericsson */
        "MODEM:STARTUP", /* Neoway */
        "+SIM DROP",     /* Fibocom: the card */
        "+SIM: REMOVED", /* the same */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct script *s = script_new(NULL);
        script_start_ready(s);
        house_live(s->house, 20 * SECOND);
        size_t before = script_count(s, "AT+CNMI=");
        script_say(s, words[i]);
        house_live(s->house, 10 * SECOND);
        if (script_count(s, "AT+CNMI=") == before || !modem_is_ready(s->line->modem))
            fail_msg("%s", words[i]);
        script_free(s);
    }
}

/* ---- what a module keeps for good ------------------------------------------------------------ */

static const struct {
    const char *maker, *model, *question, *answer, *command;
} kept[] = {
    {"Quectel", "EC25", "AT+QURCCFG=\"urcport\"", "+QURCCFG: \"urcport\",\"all\"\nOK",
     "AT+QURCCFG=\"urcport\","},
    {"Quectel", "EC25", "AT+CTZU?", "+CTZU: 3\nOK", "AT+CTZU="},
    {"Wavecom", "Q2406", "AT+WIND?", "+WIND: 0\nOK", "AT+WIND="},
    {"Sierra Wireless", "HL7812", "AT+WIND?", "+WIND: 0\nOK", "AT+WIND="},
    {"Fabricante", "Modelo", "AT+CTZU?", "+CTZU: 1\nOK", "AT+CTZU="},
};
static size_t kept_row;
static bool is_kept; /* as it is wanted; else the modem does not tell */

static const char *answer_kept(struct script *s, const char *command)
{
    const char *name = strcmp(command, "AT+CGMI") == 0   ? kept[kept_row].maker
                       : strcmp(command, "AT+CGMM") == 0 ? kept[kept_row].model
                                                         : NULL;
    if (strcmp(command, kept[kept_row].question) == 0)
        return is_kept ? kept[kept_row].answer : "ERROR";
    if (name == NULL)
        return NULL;
    (void)snprintf(s->answer, sizeof(s->answer), "%s\nOK", name);
    return s->answer;
}

/* Written at each start, it would wear the module's memory out. */
static void test_kept_settings_are_written_once(void **state)
{
    (void)state;
    for (kept_row = 0; kept_row < sizeof(kept) / sizeof(kept[0]); kept_row++)
        for (int right = 0; right <= 1; right++) {
            struct script *s = script_new(answer_kept);
            is_kept = right != 0;
            script_start_ready(s);
            house_live(s->house, 3 * MINUTE);
            size_t written = script_count(s, kept[kept_row].command);
            if (written != (is_kept ? 0U : 1U))
                fail_msg("%s, right %d: %zu", kept[kept_row].command, right, written);
            script_free(s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_1a_1b_a_radio_that_is_off_at_power_on),
        script_test(test_a_radio_that_goes_off),
        script_test(test_a_radio_that_stays_off),
        script_test(test_a_modem_taken_off_the_network_by_another_program),
        script_test(test_1c_characters_left_at_ucs2),
        script_test(test_1c_characters_set_to_ucs2_later),
        script_test(test_1c_a_session_left_open),
        script_test(test_text_mode_that_another_program_left),
        script_test(test_a_line_lost_while_a_refusal_is_explained),
        script_test(test_echo_that_comes_back),
        script_test(test_echo_that_never_goes),
        script_test(test_a_restart_while_it_searches_a_network),
        script_test(test_words_of_a_start),
        script_test(test_kept_settings_are_written_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
