/* SPDX-License-Identifier: EUPL-1.2 */
/* The simulated modem as those of some makers, and the commands for health, place, time, USSD. */
#include "test_sim_fixture.h"

#include <stdio.h>

#define UNKNOWN "\r\r\nCOMMAND NOT SUPPORT\r\r\n"

enum { POWER_ON_US = 400000 }; /* what it has to say at a start is said then */

/* The noise is silenced first: a slow machine would find it in the middle of something. */
static void start_as(struct bench *bench, const char *personality, const char *silence)
{
    struct sim_config config;
    sim_config_default(&config);
    config.personality = personality;
    assert_true(sim_has_personality(personality));
    bench_start(bench, &config);
    bench_wait(bench, POWER_ON_US);
    bench_say(bench, "ATE0\r");
    bench_say(bench, silence);
    bench_say(bench, "AT+CMEE=1\r");
}

static void health_place_and_name(void **state)
{
    static const struct row rows[] = {
        {"AT+CESQ\r", INFO("+CESQ: 99,99,255,255,20,46") OK},
        {"AT+CBC\r", INFO("+CBC: 0,100,3850") OK},
        {"AT+CGSMS?\r", INFO("+CGSMS: 1") OK},
        {"AT+CGSMS=3;+CGSMS?\r", INFO("+CGSMS: 3") OK},
        {"AT+CGSMS=4\r", CME(50)},
        {"AT+CTZU=1;+CTZU?\r", INFO("+CTZU: 1") OK},
        {"AT+ICCID\r", INFO("+ICCID: 8934001234567890127") OK},
        {"AT^ICCID?\r", INFO("^ICCID: 8934001234567890127") OK},
        {NULL, NULL},
    };
    static const struct row moved[] = {
        {"AT+CREG=2\r", OK},
        {"AT+CREG?\r", INFO("+CREG: 2,5,\"0B2C\",\"01A2B3C4\",2") OK},
        {"AT+COPS?\r", INFO("+COPS: 0,0,\"Otra Red\",2") OK},
        {"AT+COPS=3,2;+COPS?\r", INFO("+COPS: 0,2,\"21401\",2") OK},
        {"AT+CESQ\r", INFO("+CESQ: 99,99,22,40,255,255") OK},
        {"AT+CRSM=176,12258,0,0,10\r", INFO("+CRSM: 144,0,\"984310000000000000F9\"") OK},
        {"AT+CGSN\r", INFO("356938035643809") OK},
        {NULL, NULL},
    };
    struct bench *bench = *state;
    bench_run_rows(bench, rows);
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"lac\":\"0B2C\",\"ci\":\"01A2B3C4\",\"act\":2,"
                                 "\"csq\":7,\"creg\":5,\"operator\":\"Otra Red\","
                                 "\"operator_code\":\"21401\",\"iccid\":\"8934010000000000009\","
                                 "\"imei\":\"356938035643809\"}"));
    bench_run_rows(bench, moved);
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"ci\":\"1\"}"));
    assert_string_equal(bench_read(bench), INFO("+CREG: 5,\"0B2C\",\"1\",2"));
    assert_false(bench_ask(bench, "{\"cmd\":\"set\",\"lac\":\"00A1B\"}"));
    assert_false(bench_ask(bench, "{\"cmd\":\"set\",\"lac\":\"xyz\"}"));
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"act\":-1,\"csq\":99}"));
    bench_read(bench);
    bench_expect(bench, "AT+CREG?\r", INFO("+CREG: 2,5,\"0B2C\",\"1\"") OK);
    bench_expect(bench, "AT+CESQ\r", INFO("+CESQ: 99,99,255,255,255,255") OK);
}

static void tells_the_time(void **state)
{
    struct bench *bench = *state;
    char before[32];
    snprintf(before, sizeof(before), "%.31s", bench_say(bench, "AT+CCLK?\r"));
    assert_ptr_equal(strstr(before, "\r\n+CCLK: \""), before);
    assert_non_null(strstr(bench->answer, "+04\"\r\n" OK));
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"nitz_offset_s\":-86400000}"));
    assert_true(strncmp(before, bench_say(bench, "AT+CCLK?\r"), 19) != 0);
    bench_expect(bench, "AT+CTZR=1\r", OK);
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"nitz_zone\":8}"));
    assert_string_equal(bench_read(bench), INFO("+CTZV: \"+08\""));
    bench_expect(bench, "AT+CTZR=2\r", OK);
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"nitz_zone\":-14}"));
    assert_ptr_equal(strstr(bench_read(bench), "\r\n+CTZE: \"-14\",0,\"20"), bench->answer);
    bench_arm(bench, "no-nitz");
    bench_expect(bench, "AT+CCLK?\r", INFO("+CCLK: \"80/01/06,00:00:00+00\"") OK);
}

static void asks_for_the_balance(void **state)
{
    struct bench *bench = *state;
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"ussd\":\"Le quedan 4,35\","
                                 "\"ussd_latency_s\":0}"));
    bench_expect(bench, "AT+CUSD=1,\"*134#\",15\r", OK INFO("+CUSD: 0,\"Le quedan 4,35\",15"));
    bench_expect(bench, "AT+CUSD?\r", INFO("+CUSD: 1") OK);
    bench_arm(bench, "ussd:4");
    bench_expect(bench, "AT+CUSD=1,\"*134#\"\r", OK INFO("+CUSD: 4"));
    bench_arm(bench, "ussd-lost");
    bench_expect(bench, "AT+CUSD=1,\"*134#\",15\r", OK);
    bench_say(bench, "AT+CSCS=\"UCS2\"\r");
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"ussd\":\"sí\",\"ussd_latency_s\":0.03}"));
    bench_expect(bench, "AT+CUSD=1,\"002A\",15\r", OK);
    bench_wait(bench, 35000);
    assert_string_equal(bench_read(bench), INFO("+CUSD: 0,\"007300ED\",15"));
    bench_say(bench, "AT+CUSD=1,\"002A\",15\r");
    bench_expect(bench, "AT+CUSD=2\r", OK);
    bench_wait(bench, 35000);
    assert_string_equal(bench_read(bench), "");
    bench_arm(bench, "creg:3");
    bench_expect(bench, "AT+CUSD=1,\"002A\",15\r", CME(30));
    bench_expect(bench, "AT+CUSD=3\r", CME(50));
}

static void speaks_as_quectel(void **state)
{
    static const struct row rows[] = {
        {"AT+CGMI;+CGMM;+CGMR\r", INFO("Quectel") INFO("EC25") INFO("EC25EFAR06A03M4G") OK},
        {"AT+QTEMP\r", INFO("+QTEMP: 34,34,34") OK},
        {"AT+CBC\r", INFO("+CBC: 0,0,3850") OK},
        {"AT+QCSQ\r", INFO("+QCSQ: \"LTE\",-73,-95,146,-11") OK},
        {"AT+QCFG=\"ims\"\r", INFO("+QCFG: \"ims\",1,1") OK},
        {"AT+QCFG=\"ims\",2\r", OK},
        {"AT+QCFG=\"ims\"\r", INFO("+QCFG: \"ims\",2,0") OK},
        {"AT+QCFG=\"ims\",3\r", ERR},
        {"AT+QCFG=\"ims\",x\r", ERR},
        {"AT+QPINC?\r", "\r\n+QPINC: \"SC\",3,10\r\n+QPINC: \"P2\",3,10\r\n" OK},
        {"AT+QURCCFG=\"urcport\",\"all\"\r", OK},
        {"AT+CPINR\r", ERR},
        {"AT+QNOSUCH\r", ERR},
        {NULL, NULL},
    };
    struct bench bench;
    (void)state;
    start_as(&bench, "quectel", "AT+QINDCFG=\"all\",0\r");
    bench_run_rows(&bench, rows);
    bench_say(&bench, "AT+CFUN=1,1\r");
    bench_wait(&bench, POWER_ON_US);
    assert_string_equal(bench_read(&bench),
                        INFO("RDY") INFO("+CFUN: 1") INFO("+CPIN: READY") INFO("+QUSIM: 1")
                            INFO("+QIND: SMS DONE") INFO("+QIND: PB DONE"));
    bench_arm(&bench, "storage-full");
    bench_say(&bench, "ATE0\r");
    bench_say(&bench, "AT+CNMI=2,1\r");
    assert_false(bench_ask(&bench, "{\"cmd\":\"deliver\",\"from\":\"600\",\"text\":\"x\"}"));
    assert_string_equal(bench_read(&bench), INFO("+QIND: \"smsfull\",\"SM\""));
    bench_stop(&bench);
}

static void speaks_as_simcom(void **state)
{
    static const struct row rows[] = {
        {"AT+CGMI\r", INFO("SIMCOM INCORPORATED") OK},
        {"AT+CGMM\r", INFO("SIMCOM_SIM7600E-H") OK},
        {"AT+CGMR\r", INFO("+CGMR: LE20B04SIM7600M22") OK},
        {"AT+CPMUTEMP\r", INFO("+CPMUTEMP: -7") OK},
        {"AT+CBC\r", INFO("+CBC: 3.412V") OK},
        {"AT+SPIC\r", INFO("+SPIC: 2,10,3,10") OK},
        {"AT+CNMP=38\r", OK},
        {"AT+CNMP?\r", INFO("+CNMP: 38") OK},
        {"AT+CRESET\r", OK},
        {NULL, NULL},
    };
    struct bench bench;
    (void)state;
    start_as(&bench, "simcom", "AT+CNSMOD=0\r");
    assert_true(bench_ask(&bench, "{\"cmd\":\"set\",\"temperature_c\":-7,\"voltage_mv\":3412,"
                                  "\"pin_left\":2}"));
    bench_run_rows(&bench, rows);
    bench_wait(&bench, POWER_ON_US);
    assert_non_null(strstr(bench_read(&bench), "*ATREADY: 1"));
    assert_non_null(strstr(bench.answer, "SMS DONE"));
    bench_stop(&bench);
}

static void speaks_as_huawei(void **state)
{
    static const struct row rows[] = {
        {"AT+CGMM\r", "\r\r\nE173\r\r\n\r\r\nOK\r\r\n"},
        {"AT^NOSUCH\r", UNKNOWN},
        {"AT+CEREG?\r", UNKNOWN},
        {"AT+CNMI=2,1,0,1,0\r", "\r\r\n+CMS ERROR: 303\r\r\n"},
        {"AT+CNMI=1,1,0,1,0\r", "\r\r\nOK\r\r\n"},
        {"AT^CPIN?\r", "\r\r\n^CPIN: READY,,10,3,10,3\r\r\n\r\r\nOK\r\r\n"},
        {"AT^PORTSEL=0\r", "\r\r\nOK\r\r\n"},
        {NULL, NULL},
    };
    struct bench bench;
    (void)state;
    start_as(&bench, "huawei", "AT\r");
    bench_wait(&bench, 1000000);
    assert_non_null(strstr(bench_read(&bench), "\r\r\n^RSSI:20\r\r\n"));
    bench_say(&bench, "AT^CURC=0\r");
    bench_wait(&bench, 1100000);
    assert_string_equal(bench_read(&bench), "");
    bench_run_rows(&bench, rows);
    bench_say(&bench, "AT^RESET\r");
    bench_wait(&bench, POWER_ON_US);
    assert_non_null(strstr(bench_read(&bench), "^BOOT:"));
    bench_stop(&bench);
    start_as(&bench, "huawei-lte", "AT^CURC=0\r");
    bench_expect(&bench, "AT^HCSQ?\r", INFO("^HCSQ: \"LTE\",48,47,142,22") OK);
    bench_expect(&bench, "AT^CHIPTEMP?\r", INFO("^CHIPTEMP: 340,65535,65535,65535,65535") OK);
    bench_stop(&bench);
}

static void speaks_as_zte(void **state)
{
    struct bench bench;
    (void)state;
    start_as(&bench, "zte", "AT\r");
    bench_wait(&bench, 550000);
    assert_non_null(strstr(bench_read(&bench), INFO("+ZUSIMR:2")));
    assert_non_null(strstr(bench_say(&bench, "AT+CPMS?\r"), "+CPMS: \"SM\",0,30"));
    bench_wait(&bench, 600000);
    assert_string_equal(bench_read(&bench), "");
    bench_expect(&bench, "AT+ZPINPUK=?\r", INFO("+ZPINPUK: 3,10") OK);
    bench_say(&bench, "AT+CNMI=1,1,0,1,0\r");
    bench_say(&bench, "AT+CMGS=23\r");
    assert_non_null(strstr(bench_say(&bench, PDU_SRR CTRL_Z), "\r\n+CDS: ,25\r\n"));
    bench_stop(&bench);
}

static void speaks_as_wavecom(void **state)
{
    static const struct row rows[] = {
        {"AT+CGMI\r", INFO(" WAVECOM MODEM") OK},
        {"AT+CPIN?\r", INFO("+CPIN: READY")},
        {"AT+CPMS=\"SM\",\"SM\",\"SM\"\r", ERR},
        {"AT+CPMS=\"SM\",\"SM\"\r", INFO("+CPMS: 0,30,0,30,0,30") OK},
        {"AT+CPMS=?\r", INFO("+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))") OK},
        {"AT+CREG=2;+CREG?\r", INFO("+CREG: 2,1,\"00A1\",\"0000F3B0\"") OK},
        {"AT+COPS?\r", INFO("+COPS: 0,0,\"Red Simulada\"") OK},
        {"AT+CPINC\r", INFO("+CPINC: 3,3,10,10") OK},
        {"AT+WIND=0\r", OK},
        {"AT+CFUN=1\r", OK},
        {"AT+CSQ\r", CME(515)},
        {NULL, NULL},
    };
    struct bench bench;
    (void)state;
    start_as(&bench, "wavecom", "AT+WIND=0\r");
    bench_run_rows(&bench, rows);
    bench_stop(&bench);
    start_as(&bench, "wavecom", "AT+CFUN=1,1\r");
    bench_wait(&bench, POWER_ON_US);
    assert_non_null(strstr(bench_read(&bench), INFO("+WIND: 4")));
    assert_false(sim_has_personality("nokia"));
    bench_stop(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bench_test(health_place_and_name),  bench_test(tells_the_time),
        bench_test(asks_for_the_balance),   cmocka_unit_test(speaks_as_quectel),
        cmocka_unit_test(speaks_as_simcom), cmocka_unit_test(speaks_as_huawei),
        cmocka_unit_test(speaks_as_zte),    cmocka_unit_test(speaks_as_wavecom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
