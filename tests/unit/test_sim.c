/* SPDX-License-Identifier: EUPL-1.2 */
/* The simulated modem as a terminal sees it: command lines, settings, card, network, memories. */
#include "test_sim_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static const struct row command_rows[] = {
    {"AT\r", OK},
    {"at\r", OK},
    {"ATI\r", "\r\nContraclave\r\nSIMMODEM\r\nRevision: " CC_VERSION "\r\n" OK},
    {"AT+CGMI\r", INFO("Contraclave") OK},
    {"AT+CGSN\r", INFO("490154203237518") OK},
    {"AT+CIMI\r", INFO("001010123456789") OK},
    {"AT+CCID\r", INFO("+CCID: \"8934001234567890127\"") OK},
    {"AT+CRSM=176,12258,0,0,10\r", INFO("+CRSM: 144,0,\"984300214365870921F7\"") OK},
    {"AT+CRSM=176,28423,0,0,9\r", INFO("+CRSM: 106,130") OK},
    {"AT+CNUM\r", INFO("+CNUM: ,\"+34600000001\",145") OK},
    {"AT+CPIN?\r", INFO("+CPIN: READY") OK},
    {"AT+CPINR\r", INFO("+CPINR: SIM PIN,3,3") INFO("+CPINR: SIM PUK,10,10") OK},
    {"AT+CLCK=\"SC\",2\r", INFO("+CLCK: 0") OK},
    {"AT+CREG?\r", INFO("+CREG: 0,1") OK},
    {"AT+CREG=2;+CREG?\r", INFO("+CREG: 2,1,\"00A1\",\"0000F3B0\",7") OK},
    {"AT+CEREG?\r", INFO("+CEREG: 0,1") OK},
    {"AT+CGREG=?\r", INFO("+CGREG: (0-2)") OK},
    {"AT+COPS?\r", INFO("+COPS: 0,0,\"Red Simulada\",7") OK},
    {"AT+COPS=3,2;+COPS?\r", INFO("+COPS: 0,2,\"00101\",7") OK},
    {"AT+CSQ\r", INFO("+CSQ: 20,99") OK},
    {"AT+CSCS?\r", INFO("+CSCS: \"GSM\"") OK},
    {"AT+CSCS=\"UCS2\";+CSCS?\r", INFO("+CSCS: \"UCS2\"") OK},
    {"AT+CSCS=\"EBCDIC\"\r", CME(50)},
    {"AT+CMGF?\r", INFO("+CMGF: 0") OK},
    {"AT+CMGF=?\r", INFO("+CMGF: (0,1)") OK},
    {"AT+CMGF=2\r", CME(50)},
    {"AT+CMGF=\r", CME(50)},
    {"AT+CSMS=1\r", INFO("+CSMS: 1,1,1") OK},
    {"AT+CSMS?\r", INFO("+CSMS: 1,1,1,1") OK},
    {"AT+CNMA\r", OK},
    {"AT+CSMS=0;+CNMA\r", INFO("+CSMS: 1,1,1") CMS(340)},
    {"AT+CNMI=2,1,0,1,0;+CNMI?\r", INFO("+CNMI: 2,1,0,1,0") OK},
    {"AT+CNMI=,,,2;+CNMI?\r", INFO("+CNMI: 2,1,0,2,0") OK},
    {"AT+CNMI=2,3\r", CMS(303)},
    {"AT+CSMP=49,167,0,0;+CSMP?\r", INFO("+CSMP: 49,167,0,0") OK},
    {"AT+CSMP=256\r", CMS(305)},
    {"AT+CSCA?\r", INFO("+CSCA: \"+34600000000\",145") OK},
    {"AT+CSCA=\"+34609090909\";+CSCA?\r", INFO("+CSCA: \"+34609090909\",145") OK},
    {"AT+CSCA=\"abc!\"\r", CMS(304)},
    {"AT+CPMS=\"SM\",\"ME\"\r", INFO("+CPMS: 0,30,0,30,0,30") OK},
    {"AT+CPMS?\r", INFO("+CPMS: \"SM\",0,30,\"ME\",0,30,\"SM\",0,30") OK},
    {"AT+CPMS=\"XX\"\r", CMS(302)},
    {"AT+CMGR=1\r", CMS(321)},
    {"AT+CMGD=31\r", CMS(321)},
    {"AT+CMGD=1\r", OK},
    {"AT+CMGD=?\r", INFO("+CMGD: (),(0-4)") OK},
    {"AT+CMGL=4\r", OK},
    {"AT+CMGL=5\r", CMS(302)},
    {"AT+CFUN=4;+CREG?\r", INFO("+CREG: 2,0") OK INFO("+CREG: 0")},
    {"AT+CFUN=1\r", OK INFO("+CREG: 1,\"00A1\",\"0000F3B0\",7")},
    {"AT+CFUN=3\r", CME(50)},
    {"AT+NOSUCH\r", ERR},
    {"AT^CURC=0\r", ERR},
    {"ATD112;\r", ERR},
    {"AT&F0\r", "\r\nOK\r\n"},
    {NULL, NULL},
};

static void answers_commands(void **state)
{
    struct bench *bench = *state;
    bench_run_rows(bench, command_rows);
}

static void takes_lines_as_v250_says(void **state)
{
    static const struct row rows[] = {
        {"AT\r", "AT\r" OK},
        {"ATE0\r", "ATE0\r" OK},
        {"AT E0 V1 +CMEE = 2\r", OK},
        {"AT+CMEE?;+CSQ\r", INFO("+CMEE: 2") INFO("+CSQ: 20,99") OK},
        {"AT+CSCS=\"A;B\"\r", "\r\n+CME ERROR: incorrect parameters\r\n"},
        {"AT+CMGR=7\r", "\r\n+CMS ERROR: invalid memory index\r\n"},
        {"AT+CMEE=0;+CSCS=\"X\"\r", ERR},
        {"AT+CSQ;+NOSUCH;+CSQ\r", INFO("+CSQ: 20,99") ERR},
        {"noise \x01\x02 AT\r", OK},
        {"AAT\r", OK},
        {"AT+CSX\bQ\r", INFO("+CSQ: 20,99") OK},
        {"\r\r\r", ""},
        {"A/\r", ""},
        {"\x1b\r", ""},
        {"ATV0\r", "0\r"},
        {"AT+CSQ\r", "+CSQ: 20,99\r\n0\r"},
        {"AT+NOSUCH\r", "4\r"},
        {"ATV1Q1\r", ""},
        {"AT+CSQ\r", INFO("+CSQ: 20,99")},
        {"ATQ0\r", OK},
        {"ATX4&C1&D2S0=0L1M0\r", OK},
        {"ATS7?\r", OK},
        {"AT+CSCS=\"open\r", ERR},
        {"ATZ\r", OK},
        {"AT\r", "AT\r" OK},
        {NULL, NULL},
    };
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_run_rows(&bench, rows);
    bench_stop(&bench);
}

static void survives_an_endless_line(void **state)
{
    struct bench *bench = *state;
    char part[1025];
    memset(part, 'x', 1024);
    part[1024] = '\0';
    bench_say(bench, "AT+");
    for (int i = 0; i < 64; i++)
        assert_string_equal(bench_say(bench, part), "");
    bench_expect(bench, "\r", ERR);
    bench_expect(bench, "AT\r", OK);
}

static void guards_the_card(void **state)
{
    static const struct row rows[] = {
        {"AT+CPIN?\r", INFO("+CPIN: SIM PIN") OK},
        {"AT+CREG?\r", INFO("+CREG: 0,0") OK},
        {"AT+CIMI\r", CME(11)},
        {"AT+CMGS=23\r", CMS(311)},
        {"AT+CRSM=176,12258,0,0,10\r", INFO("+CRSM: 144,0,\"984300214365870921F7\"") OK},
        {"AT+CPIN=\"1111\"\r", CME(16)},
        {"AT+CPINR\r", INFO("+CPINR: SIM PIN,2,3") INFO("+CPINR: SIM PUK,10,10") OK},
        {"AT+CPIN=\"4321\"\r", OK},
        {"AT+CPINR\r", INFO("+CPINR: SIM PIN,3,3") INFO("+CPINR: SIM PUK,10,10") OK},
        {"AT+CPIN=\"4321\"\r", CME(3)},
        {"AT+CREG?\r", INFO("+CREG: 0,1") OK},
        {"AT+CLCK=\"SC\",2\r", INFO("+CLCK: 1") OK},
        {"AT+CFUN=1,1\r", OK},
        {"ATE0+CMEE=1\r", "ATE0+CMEE=1\r" OK},
        {"AT+CPIN=\"1111\"\r", CME(16)},
        {"AT+CPIN=\"1112\"\r", CME(16)},
        {"AT+CPIN=1113\r", CME(16)},
        {"AT+CPIN?\r", INFO("+CPIN: SIM PUK") OK},
        {"AT+CPIN=\"4321\"\r", CME(12)},
        {"AT+CIMI\r", CME(12)},
        {"AT+CMGS=23\r", CMS(316)},
        {"AT+CPIN=\"11111111\",\"5555\"\r", CME(16)},
        {"AT+CPIN=\"12345678\",\"5555\"\r", OK},
        {"AT+CPIN?\r", INFO("+CPIN: READY") OK},
        {NULL, NULL},
    };
    struct sim_config config;
    struct bench bench;
    (void)state;
    sim_config_default(&config);
    config.pin = "4321";
    bench_start(&bench, &config);
    bench_init(&bench);
    bench_run_rows(&bench, rows);
    bench_stop(&bench);
}

static void registers_in_its_time(void **state)
{
    struct sim_config config;
    struct bench bench;
    (void)state;
    sim_config_default(&config);
    config.register_us = 500000; /* a slow machine asks in time all the same */
    bench_start(&bench, &config);
    bench_init(&bench);
    bench_expect(&bench, "AT+CREG=1;+CREG?\r", INFO("+CREG: 1,2") OK);
    bench_wait(&bench, 520000);
    assert_string_equal(bench_read(&bench), INFO("+CREG: 1"));
    bench_arm(&bench, "creg:3");
    bench_expect(&bench, "AT+CREG?\r", INFO("+CREG: 3") INFO("+CREG: 1,3") OK);
    bench_send(&bench, PDU CTRL_Z, CMS(331));
    bench_arm(&bench, "cereg:1");
    bench_send(&bench, PDU CTRL_Z, INFO("+CMGS: 0") OK);
    assert_true(bench_ask(&bench, "{\"cmd\":\"clear-faults\"}"));
    bench_expect(&bench, "AT+CREG?\r", INFO("+CREG: 1") INFO("+CREG: 1,1") OK);
    bench_stop(&bench);
}

static void keeps_what_comes_in(void **state)
{
    static const struct row rows[] = {
        {"AT+CPMS?\r", INFO("+CPMS: \"SM\",1,30,\"SM\",1,30,\"SM\",1,30") OK},
        {"AT+CMGF=1;+CSCS=\"UCS2\";+CMGR=1\r", NULL},
        {"AT+CMGL=\"REC UNREAD\"\r", OK},
        {"AT+CMGL=\"NONE\"\r", CMS(302)},
        {"AT+CMGD=?\r", INFO("+CMGD: (1),(0-4)") OK},
        {"AT+CMGD=0,1\r", OK},
        {"AT+CMGR=1\r", CMS(321)},
        {NULL, NULL},
    };
    struct bench *bench = *state;
    assert_true(
        bench_ask(bench, "{\"cmd\":\"deliver\",\"from\":\"+34611222333\",\"text\":\"sí\"}"));
    assert_string_equal(bench_read(bench), INFO("+CMTI: \"SM\",1"));
    for (const struct row *row = rows; row->say != NULL; row++) {
        const char *got = bench_say(bench, row->say);
        if (row->expected != NULL)
            assert_answer(row->say, got, row->expected);
        else /* with the time of day in it */
            assert_non_null(strstr(got, "+00\"\r\n007300ED\r\n" OK));
    }
}

static void passes_on_directly_and_fills_up(void **state)
{
    static const char deliver[] = "{\"cmd\":\"deliver\",\"from\":\"600\",\"text\":\"@ hola\"}";
    struct bench *bench = *state;
    bench_say(bench, "AT+CNMI=2,2\r");
    assert_true(bench_ask(bench, deliver));
    assert_ptr_equal(strstr(bench_read(bench), "\r\n+CMT: ,2"), bench->answer);
    bench_say(bench, "AT+CMGF=1;+CSCS=\"IRA\"\r");
    assert_true(bench_ask(bench, deliver));
    assert_non_null(strstr(bench_read(bench), "\r\n@ hola\r\n"));
    bench_say(bench, "AT+CNMI=2,0;+CPMS=\"ME\",\"ME\",\"ME\"\r");
    for (int i = 0; i < 30; i++)
        assert_true(bench_ask(bench, deliver));
    assert_false(bench_ask(bench, deliver));
    assert_string_equal(bench_read(bench), INFO("^SMMEMFULL: \"ME\""));
    bench_expect(bench, "AT+CMGD=1,4;+CPMS?\r",
                 INFO("+CPMS: \"ME\",0,30,\"ME\",0,30,\"ME\",0,30") OK);
}

static void control_refuses_what_it_does_not_know(void **state)
{
    static const struct {
        const char *command;
        bool ok;
    } rows[] = {
        {"{\"cmd\":\"state\"}", true},
        {"{\"cmd\":\"inbox\",\"number\":\"+34600\"}", true},
        {"{\"cmd\":\"set\",\"csq\":5,\"cmgs_latency_s\":0.5}", true},
        {"{\"cmd\":\"set\",\"report_latency_s\":1,\"register_delay_s\":2}", true},
        {"{\"cmd\":\"set\",\"cgreg\":1,\"cereg\":1,\"creg\":1}", true},
        {"{\"cmd\":\"set\",\"csq\":100}", false},
        {"{\"cmd\":\"set\",\"csq\":\"5\"}", false},
        {"{\"cmd\":\"set\",\"colour\":5}", false},
        {"{\"cmd\":\"fault\",\"fault\":\"lost-reply\"}", true},
        {"{\"cmd\":\"fault\",\"fault\":\"nonsense\"}", false},
        {"{\"cmd\":\"fault\"}", false},
        {"{\"cmd\":\"clear-faults\"}", true},
        {"{\"cmd\":\"deliver\",\"from\":\"+34600\"}", false},
        {"{\"cmd\":\"deliver\",\"from\":\"+34600\",\"text\":\"\"}", false},
        {"{\"cmd\":\"urc\",\"line\":\"RING\"}", true},
        {"{\"cmd\":\"urc\"}", false},
        {"{\"cmd\":\"vanish\"}", false},
        {"{\"cmd\":\"vanish\",\"ms\":-1}", false},
        {"{\"cmd\":\"vanish\",\"ms\":1}", true},
        {"{\"cmd\":\"reset\"}", true},
        {"{\"cmd\":\"explode\"}", false},
        {"{\"cmd\":5}", false},
        {"{}", false},
    };
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool ok = bench_ask(&bench, rows[i].command);
        if (ok != rows[i].ok)
            print_error("row: %s\n", rows[i].command);
        assert_int_equal(ok, rows[i].ok);
    }
    bench_stop(&bench);
}

static void counts_and_reports_its_state(void **state)
{
    struct bench *bench = *state;
    json_t *answer;
    json_t *counts;
    bench_say(bench, "AT+CSQ;+CSQ;+NOSUCH\r");
    bench_arm(bench, "cms:38*2");
    answer = bench_control(bench, "{\"cmd\":\"state\"}");
    counts = json_object_get(answer, "by_command");
    assert_int_equal(json_integer_value(json_object_get(answer, "commands")), 6);
    assert_int_equal(json_integer_value(json_object_get(counts, "+CSQ")), 2);
    assert_int_equal(json_integer_value(json_object_get(counts, "unknown")), 1);
    assert_int_equal(json_array_size(json_object_get(answer, "faults")), 1);
    assert_true(json_is_true(json_object_get(answer, "attached")));
    json_decref(answer);
}

static void logs_json_lines_without_the_pin(void **state)
{
    char *text = NULL;
    size_t len = 0;
    struct sim_config config;
    struct bench bench;
    (void)state;
    sim_config_default(&config);
    config.pin = "4321";
    config.log = open_memstream(&text, &len);
    bench_start(&bench, &config);
    bench_say(&bench, "AT+CPIN=\"4321\"\r");
    bench_say(&bench, "AT+CPIN2=\"4321\"\r");
    bench_say(&bench, "AT+CMGS=23\r");
    bench_say(&bench, PDU CTRL_Z);
    assert_non_null(strstr(text, "\"event\":\"submit\"")); /* flushed without being asked */
    bench_stop(&bench);
    fclose(config.log);
    assert_null(strstr(text, "4321"));
    int lines = 0;
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1, lines++) {
        json_t *json = json_loadb(line, (size_t)(end - line), 0, NULL);
        assert_true(json_is_integer(json_object_get(json, "at_us")));
        assert_true(json_is_string(json_object_get(json, "event")));
        json_decref(json);
    }
    assert_true(lines > 8);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bench_test(answers_commands),
        cmocka_unit_test(takes_lines_as_v250_says),
        bench_test(survives_an_endless_line),
        cmocka_unit_test(guards_the_card),
        cmocka_unit_test(registers_in_its_time),
        bench_test(keeps_what_comes_in),
        bench_test(passes_on_directly_and_fills_up),
        cmocka_unit_test(control_refuses_what_it_does_not_know),
        bench_test(counts_and_reports_its_state),
        cmocka_unit_test(logs_json_lines_without_the_pin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
