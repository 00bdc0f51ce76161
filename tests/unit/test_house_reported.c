/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Modems as public reports and manuals describe them, one row each: a good modem but for the
 * answers of the row. What a person would notice is asked: whether a message leaves, what the page
 * says, and what was tried. Each row names where it was read; hw/MODEMS.md 7 has what was learned.
 */
#include "tests/unit/test_report_fixture.h"

#include "service/receive.h"
#include "store/balance.h"

static bool is_calm(struct script *s)
{
    return house_status(s->line).detail[0] == '\0' && house_climbed(s->house)[0] == '\0' &&
           house_count_log(s->house, "perdido sus ajustes") == 0 &&
           house_count_log(s->house, "No se le hace caso") == 0;
}

/* ---- replies that are read, and settings that are set -----------------------------------------
 */

static const struct {
    const char *source;
    struct said says[SAYS];
    const char *wanted; /* a command that it must have been given; NULL = none */
} working[] = {
    {"smstools3 3.1.7: +CPIN in quotes", {{"AT+CPIN?", "+CPIN: \"READY\"\nOK", NULL, 0}}, NULL},
    {"smstools3 3.1.7: no blank", {{"AT+CPIN?", "+CPIN:READY\nOK", NULL, 0}}, NULL},
    {"+CPIN in small letters", {{"AT+CPIN?", "+CPIN: ready \nOK", NULL, 0}}, NULL},
    {"Iridium 9522", {{"AT+CREG?", "+CREG:002,001,\"18d8\",\"ffff\"\nOK", NULL, 0}}, NULL},
    {"WATCOM, gammu#91", {{"AT+CREG?", "+CREG: 2,5,\"25FF\",\"825E\nOK", NULL, 0}}, NULL},
    {"gammu at-creg-corner", {{"AT+CREG?", "+CREG: 2,1,\"0B,\"0100701\",7\nOK", NULL, 0}}, NULL},
    {"gammu at-creg-corner", {{"AT+CREG?", "+CREG: 2,1,\"5E25\nOK", NULL, 0}}, NULL},
    {"Samsung Wave", {{"AT+CREG?", "+CREG: 2,1,000B,2816, B, C2816\nOK", NULL, 0}}, NULL},
    {"Gobi 1000", {{"AT+CREG?", "+CREG: 2,1,  0 5, 2715\nOK", NULL, 0}}, NULL},
    {"Novatel E362",
     {{"AT+CREG?", "+CREG: 0,0\nOK", NULL, 0},
      {"AT+CEREG?", "+CEREG: 2,1, 1F00, 20 ,79D903 ,7\nOK", NULL, 0}},
     NULL},
    {"gammu at-creg/empty",
     {{"AT+CREG?", "OK", NULL, 0}, {"AT+CEREG?", "+CEREG: 2,1\nOK", NULL, 0}},
     NULL},
    {"+CREG without its <n>", {{"AT+CREG?", "+CREG: 1\nOK", NULL, 0}}, NULL},
    {"+CMGS with its time, 27.005 3.5.1",
     {{SCRIPT_PDU, "+CMGS: 12,\"26/11/29,17:00:00+04\"\nOK", NULL, 0}},
     NULL},
    {"+CMGS without a blank", {{SCRIPT_PDU, "+CMGS:12\nOK", NULL, 0}}, NULL},
    {"+CMGS in quotes", {{SCRIPT_PDU, "+CMGS: \"12\"\nOK", NULL, 0}}, NULL},
    {"+CMGS twice", {{SCRIPT_PDU, "+CMGS: 12\n+CMGS: 12\nOK", NULL, 0}}, NULL},
    {"RIOT PR 20062: events around the prompt",
     {{"AT+CMGS=", "+CMTI: \"SM\",3\n^RSSI:20\n> \n+CREG: 1", NULL, 0}},
     NULL},
    {"+CSCS without quotes", {{"AT+CSCS?", "+CSCS: GSM\nOK", NULL, 0}}, NULL},
    {"+CFUN with blanks", {{"AT+CFUN?", "+CFUN : 1,0\nOK", NULL, 0}}, NULL},
    {"MC75i: +CNMI with another <bfr>", {{"AT+CNMI?", "+CNMI: 2,1,0,1,1\nOK", NULL, 0}}, NULL},
    {"Wavecom: +CNMI of four", {{"AT+CNMI?", "+CNMI: 2,1,0,1\nOK", NULL, 0}}, NULL},
    {"echo that lost its beginning, pkot/gnokii#1",
     {{"AT+CGMI", "T+CGMI\nACME\nOK", NULL, 0},
      {"AT+CSQ", "\x02\x04+CSQ\n+CSQ: 20,99\nOK", NULL, 0}},
     NULL},
    {"warthog618/modem#17",
     {{"AT+CRSM", "CME Error: unknown", NULL, 0}, {"AT+CESQ", "CME Error: unknown", NULL, 0}},
     NULL},
    {"an error with a text",
     {{"AT+CSMS=0", "ERROR: 3", NULL, 0}, {"AT+CESQ", "ERROR: NOT SUPPORTED", NULL, 0}},
     NULL},
    /* left by another program, or so at power-on */
    {"ATQ1 of a dialling script", {{"ATQ0", "OK", NULL, 0}, {"AT", "", "ATQ0", 0}}, "ATQ0"},
    {"tied to a network, TinyGSM#584",
     {{"AT+COPS?", "+COPS: 1,2,\"21401\"\nOK", "AT+COPS=0", 0}, NOT_HERE("2", "AT+COPS=0")},
     "AT+COPS=0"},
    {"tied to a network that refuses it, ubxlib#188",
     {{"AT+COPS?", "+COPS: 1,2,\"21401\"\nOK", "AT+COPS=0", 0}, NOT_HERE("3", "AT+COPS=0")},
     "AT+COPS=0"},
    {"27.007 10.1.9: detached",
     {{"AT+CGATT?", "+CGATT: 0\nOK", "AT+CGATT=1", 0}, NOT_HERE("0", "AT+CGATT=1")},
     "AT+CGATT=1"},
    {"Huawei ME909: the radio's own switch",
     {{"AT+CGMI", "huawei\nOK", NULL, 0},
      {"AT+CGMM", "ME909s-120\nOK", NULL, 0},
      {"AT^RFSWITCH?", "^RFSWITCH:0,1\nOK", "AT^RFSWITCH=1", 0},
      NOT_HERE("2", "AT^RFSWITCH=1")},
     "AT^RFSWITCH=1"},
    {"Siemens TC65, nowsms 41717: messages by packets alone",
     {{"AT+CGSMS?", "+CGSMS: 0\nOK", "AT+CGSMS=3", 0},
      {SCRIPT_PDU, "+CMS ERROR: 535", "AT+CGSMS=3", 0}},
     "AT+CGSMS=3"},
    /* refused in one form, or before there is a network */
    {"CNMI before the network, qtmoko#54",
     {{"AT+CNMI=", "+CMS ERROR: 302", "AT+CREG?", 0}},
     "AT+CNMI="},
    {"CPMS before the network", {{"AT+CPMS=", "+CMS ERROR: 310", "AT+CREG?", 0}}, "AT+CPMS="},
    {"CNMI of two values",
     {{"AT+CNMI=2,1,", "ERROR", NULL, 0},
      {"AT+CNMI=1,1,", "ERROR", NULL, 0},
      {"AT+CNMI=3", "ERROR", NULL, 0}},
     "AT+CNMI=2,1"},
    {"nothing but PDUs, and it will not be told so",
     {{"AT+CMGF=0", "ERROR", NULL, 0}, {"AT+CMGF?", "+CMGF: 0\nOK", NULL, 0}},
     "AT+CMGF?"},
    {"nothing but PDUs, and no word for it",
     {{"AT+CMGF=0", "ERROR", NULL, 0}, {"AT+CMGF?", "ERROR", NULL, 0}},
     "AT+CMGF?"},
    {"no echo, and it will not be told so", {{"ATE0", "ERROR", NULL, 0}}, "ATV1"},
    {"Sony Ericsson: CNMI of mode 3",
     {{"AT+CNMI=1", "ERROR", NULL, 0}, {"AT+CNMI=2", "ERROR", NULL, 0}},
     "AT+CNMI=3,1,0,1,0"},
};

static void test_modems_that_work(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(working) / sizeof(working[0]); i++) {
        struct script *s = script_saying(working[i].says);
        script_start(s);
        house_live(s->house, 15 * SECOND);
        script_ask(s);
        house_live(s->house, MINUTE);
        house_live(s->house, 10 * MINUTE); /* and its settings are looked at */
        const char *wanted = working[i].wanted;
        bool is_given = wanted == NULL || script_count(s, wanted) > 0;
        if (!house_is(s->house, "t") || !is_calm(s) || !is_given)
            fail_msg("%s: %s, %s, %s", working[i].source, house_states(s->house),
                     house_status(s->line).detail, house_climbed(s->house));
        script_free(s);
    }
}

/* An echo that cannot be switched off is no harm: of commands, and of the message. */
static const char *answer_with_echo(struct script *s, const char *command)
{
    static char lines[2 * SCRIPT_LINE];
    bool is_pdu = strcmp(command, SCRIPT_PDU) == 0, is_echo = strncmp(command, "ATE0", 4) == 0;
    (void)snprintf(lines, sizeof(lines), "%s\n%s", is_pdu ? s->pdus[s->pdu_count - 1] : command,
                   is_echo ? "ERROR" : script_good_answer(s, command));
    return lines;
}

static void test_an_echo_that_stays(void **state)
{
    struct script *s = script_new(answer_with_echo);
    (void)state;
    script_start(s);
    house_await(s->house, modem_is_ready(s->line->modem), 60 * SECOND);
    script_ask(s);
    house_await(s->house, house_is(s->house, "t"), 5 * SECOND);
    house_live(s->house, 10 * MINUTE);
    assert_true(is_calm(s));
    assert_int_equal(s->pdu_count, 1);
}

/* Settings that are refused before there is a network are set when there is one. */
static void test_settings_behind_the_network(void **state)
{
    static const struct said says[SAYS] = {{"AT+CNMI=", "+CMS ERROR: 302", "AT+CREG?", 0}};
    struct script *s = script_saying(says);
    size_t registered = 0, last = 0;
    (void)state;
    script_start_ready(s);
    for (size_t i = 0; i < s->command_count; i++) {
        registered = begins(s->commands[i], "AT+CREG?") ? i : registered;
        last = begins(s->commands[i], "AT+CNMI=2,1,0,1,0") ? i : last;
    }
    assert_true(last > registered);
    assert_int_equal(house_count_log(s->house, "rechaza AT+CNMI"), 0);
    script_free(s);
    static const struct said never[SAYS] = {{"AT+CNMI=", "ERROR", NULL, 0}};
    s = script_saying(never);
    script_start_ready(s);
    assert_int_equal(house_count_log(s->house, "rechaza AT+CNMI"), 1);
}

static void test_a_port_left_in_a_data_call(void **state)
{
    static const struct said says[SAYS] = {{"AT", "", "+++", 0}};
    struct script *s = script_saying(says);
    (void)state;
    script_start(s);
    house_await(s->house, modem_is_ready(s->line->modem), 40 * SECOND);
    assert_int_equal(script_count(s, "+++"), 1);
    assert_string_equal(house_climbed(s->house), "");
}

/* No OK behind the line that says that the message was taken. */
static void test_a_reference_without_its_result(void **state)
{
    static const struct said says[SAYS] = {{SCRIPT_PDU, "+CMGS: 12", NULL, 0}};
    struct script *s = script_saying(says);
    (void)state;
    script_start_ready(s);
    for (size_t n = 1; n <= 3; n++) {
        script_ask(s);
        house_await(s->house, house_count_state(s->house, OUTBOX_SENT) == (int64_t)n, 8 * SECOND);
    }
    assert_int_equal(s->pdu_count, 3);
    assert_string_equal(house_climbed(s->house), "");
}

/* Each result said twice in one breath. */
static void test_results_said_twice(void **state)
{
    static const struct said says[SAYS] = {
        {"ATE0V1", "OK\nOK", NULL, 0},
        {"AT+CMEE=1", "OK\nOK", NULL, 0},
        {"AT+CGMI", "Quectel\nOK\nOK", NULL, 0},
        {"AT+CGMM", "EC25\nOK\nOK", NULL, 0},
        {"AT+CPIN?", "+CPIN: READY\nOK\nOK", NULL, 0},
        {"AT+CREG?", "+CREG: 2,1\nOK\nOK", NULL, 0},
        {SCRIPT_PDU, "+CMGS: 9\nOK\nOK", NULL, 0},
    };
    struct script *s = script_saying(says);
    (void)state;
    script_start_ready(s);
    assert_string_equal(house_status(s->line).make.driver, "quectel-lte");
    script_ask(s);
    house_await(s->house, house_is(s->house, "t"), 5 * SECOND);
    script_ask(s);
    house_await(s->house, house_is(s->house, "tt"), 5 * SECOND);
}

/* python-gsmmodem#8: the centre is gone after a restart; the card gets back what it had. */
static void test_a_centre_that_is_lost(void **state)
{
    static const struct said says[SAYS] = {
        {"AT+CSCA?", "+CSCA: \"\",129\nOK", "AT+CSCA=", 1},
        {"AT+CSCA?", "+CSCA: \"+34609090909\",145\nOK", NULL, 0},
        {SCRIPT_PDU, "+CMS ERROR: 330", "AT+CSCA=", 2},
    };
    struct script *s = script_saying(says);
    (void)state;
    script_start_ready(s);
    house_live(s->house, 3 * MINUTE);
    script_ask(s);
    house_await(s->house, house_is(s->house, "t"), 10 * SECOND);
    script_say(s, "RDY");
    house_await(s->house, script_count(s, "AT+CSCA=\"+34609090909\",145") == 1, 10 * SECOND);
    script_ask(s);
    house_await(s->house, house_is(s->house, "tt"), 10 * SECOND);
    assert_int_equal(script_count(s, "AT+CSCA="), 1);
}

/* Phase 2+ that cannot be left: a report without its acknowledgement would be the last one. */
static void test_reports_that_want_an_acknowledgement(void **state)
{
    static const struct said rows[][SAYS] = {
        {{"AT+CSMS=0", "+CMS ERROR: 303", NULL, 0}},
        {{"AT+CSMS=0", "+CMS ERROR: 303", NULL, 0}, {"AT+CNMA", "+CMS ERROR: 340", NULL, 0}},
        {{NULL, NULL, NULL, 0}},
    };
    static const size_t wanted[] = {2, 1, 0}; /* after a refusal no more */
    (void)state;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct script *s = script_saying(rows[i]);
        script_start_ready(s);
        for (unsigned n = 1; n <= 2; n++) {
            script_ask(s);
            house_await(s->house, s->pdu_count == n, 10 * SECOND);
            house_live(s->house, SECOND);
            script_report(s, n);
            house_live(s->house, 5 * SECOND);
        }
        assert_true(house_is(s->house, "dd"));
        assert_int_equal(script_count(s, "AT+CNMA"), wanted[i]);
        assert_true(is_calm(s));
        script_free(s);
    }
}

/* ---- the balance ------------------------------------------------------------------------------
 */

static void test_a_balance_asked_in_each_form(void **state)
{
    static const struct {
        struct said says[SAYS];
        const char *text;
    } rows[] = {
        {{{"AT+CUSD=1,\"*134#\",15", "ERROR", NULL, 0},
          {"AT+CUSD=1,\"AAD8", "OK\n+CUSD: 0,\"Saldo 5\",15", NULL, 0}},
         "Saldo 5"},
        {{{"AT+CUSD=1,\"*134#\",15", "ERROR", NULL, 0},
          {"AT+CUSD=1,\"AAD8", "+CME ERROR: 50", NULL, 0},
          {"AT+CUSD=1,\"*134#\"", "OK\n+CUSD: 0,\"Saldo 5\",15", NULL, 0}},
         "Saldo 5"},
        {{{"AT+CSCS?", "+CSCS: \"UCS2\"\nOK", NULL, 0}, /* and nothing else */
          {"AT+CSCS=", "ERROR", NULL, 0},
          {"AT+CUSD=1,\"002A0031003300340023\"", "OK\n+CUSD: 0,\"00530061006C0064006F00200035\",72",
           NULL, 0},
          {"AT+CUSD=1", "+CME ERROR: 4", NULL, 0}},
         "Saldo 5"},
        {{{"AT+CUSD=1", "OK\n+CUSD: 0,Saldo 5", NULL, 0}}, "Saldo 5"},
        {{{"AT+CUSD=1", "OK\n+CUSD: 0, \"Saldo 5\" , 15", NULL, 0}}, "Saldo 5"},
        {{{"AT+CUSD=1", "OK\n+CUSD: 0,\"Su \"saldo\", es 5\",15", NULL, 0}}, "Su \"saldo\", es 5"},
        {{{"AT+CUSD=1", "OK\n+CUSD: 2,\"0048006100760069\",15", NULL, 0}}, "Havi"}, /* gammu#358 */
        {{{"AT+CUSD=1", "OK\n+CUSD: 2", NULL, 0}}, ""},
        {{{"AT+CUSD=1", "OK\n+CUSD: 5", NULL, 0}}, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script *s = script_saying(rows[i].says);
        struct balance told;
        s->line->config.ussd = "*134#";
        script_start_ready(s);
        house_live(s->house, 5 * SECOND);
        assert_ok(turn_enter(s->house->service.turn));
        assert_ok(receive_ask_balance(&s->house->service, s->line->modem, house_now_ms(s->house)));
        turn_leave(s->house->service.turn, true);
        house_live(s->house, 90 * SECOND);
        assert_ok(balance_get(s->house->service.store, s->line->config.name, &told));
        if (strcmp(told.text, rows[i].text) != 0)
            fail_msg("row %zu: «%s»", i, told.text);
        script_free(s);
    }
}

/* ---- who it is --------------------------------------------------------------------------------
 */

static void test_who_it_is(void **state)
{
    static const struct {
        struct said says[SAYS];
        const char *driver, *model, *imei;
    } rows[] = {
        {{{"AT+CGMI", "Manufacturer: huawei\nOK", NULL, 0},
          {"AT+CGMM", "Model: E3372\nOK", NULL, 0},
          {"AT+CGSN", "IMEI: 490154203237518\nOK", NULL, 0}},
         "huawei-lte",
         "E3372",
         "490154203237518"},
        {{{"AT+CGMI", "+CGMI: \"Quectel\"\nOK", NULL, 0},
          {"AT+CGMM", "\"EC25\"\nOK", NULL, 0},
          {"AT+CGSN", "+CGSN: \"490154203237518\"\nOK", NULL, 0}},
         "quectel-lte",
         "EC25",
         "490154203237518"},
        {{{"AT+CGMI", "NO CARRIER\nQuectel\nOK", NULL,
           0}, /* of the call that another program had */
          {"AT+CGMM", "NO CARRIER\nEC25\nOK", NULL, 0},
          {"AT+CGSN", "490154203237518,SE3939\nOK", NULL, 0}}, /* Option */
         "quectel-lte",
         "EC25",
         "490154203237518"},
        {{{"AT+CGMI", "CGMI\nQuectel\nOK", NULL, 0}, {"AT+CGMM", "T+CGMM\nEC25\nOK", NULL, 0}},
         "quectel-lte",
         "EC25",
         ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script *s = script_saying(rows[i].says);
        script_start_ready(s);
        const struct modem_status status = house_status(s->line);
        assert_string_equal(status.make.driver, rows[i].driver);
        assert_string_equal(status.make.model, rows[i].model);
        assert_string_equal(status.make.imei, rows[i].imei);
        script_free(s);
    }
}

/* The centre is as configured, in another spelling: nothing is written, and nobody complains. */
static void test_a_centre_in_other_spellings(void **state)
{
    static const char *const spellings[] = {
        "+CSCA: \"34609090909\",129\nOK",
        "+CSCA: \"0034609090909\",129\nOK",
        "+CSCA: \"+34 609 090 909\",145\nOK",
        "+CSCA: +34609090909,145\nOK",
        "+CSCA: \"002B00330034003600300039003000390030003900300039\",145\nOK",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        const struct said says[SAYS] = {{"AT+CSCA?", spellings[i], NULL, 0}};
        struct script *s = script_saying(says);
        s->line->config.smsc = "+34609090909";
        script_start_ready(s);
        house_live(s->house, 3 * MINUTE);
        assert_true(is_calm(s));
        assert_int_equal(script_count(s, "AT+CSCA="), 0);
        script_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_modems_that_work),
        script_test(test_an_echo_that_stays),
        script_test(test_settings_behind_the_network),
        script_test(test_a_port_left_in_a_data_call),
        script_test(test_a_reference_without_its_result),
        script_test(test_results_said_twice),
        script_test(test_a_centre_that_is_lost),
        script_test(test_reports_that_want_an_acknowledgement),
        script_test(test_a_balance_asked_in_each_form),
        script_test(test_who_it_is),
        script_test(test_a_centre_in_other_spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
