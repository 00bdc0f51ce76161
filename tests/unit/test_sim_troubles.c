/* SPDX-License-Identifier: EUPL-1.2 */
/* The faults of the simulated modem that last: dead, busy, full, gone, or talking nonsense. */
#include "test_sim_fixture.h"

#include <stdio.h>

#define OK "\r\nOK\r\n"
#define CMS(n) "\r\n+CMS ERROR: " #n "\r\n"
#define CME(n) "\r\n+CME ERROR: " #n "\r\n"
#define INFO(text) "\r\n" text "\r\n"
#define PROMPT "\r\n> "
#define SENT(n) "\r\n+CMGS: " #n "\r\n" OK
#define DELIVER "{\"cmd\":\"deliver\",\"from\":\"+34611222333\",\"text\":\"hola\"}"

static void arm(struct bench *bench, const char *fault)
{
    if (!sim_fault(bench->sim, fault))
        fail_msg("fault %s", fault);
}

static void expect(struct bench *bench, const char *say, const char *answer)
{
    assert_answer(say, bench_say(bench, say), answer);
}

static size_t count(const char *text, const char *word)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
        found++;
    return found;
}

static void floods_and_hears_nothing(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_init(&bench);
    arm(&bench, "boot-flood:450");
    bench_say(&bench, "AT\r");
    bench_wait(&bench, 250000);
    assert_null(strstr(bench_read(&bench), "OK"));
    assert_true(count(bench.answer, "^BOOT:") >= 1);
    bench_wait(&bench, 400000);
    bench_read(&bench);
    expect(&bench, "AT\r", OK);
    arm(&bench, "boot-flood");
    arm(&bench, "boot-flood"); /* still one flood */
    assert_int_equal(count(bench_read(&bench), "^RSSI:25"), 1);
    assert_true(bench_ask(&bench, "{\"cmd\":\"clear-faults\"}"));
    expect(&bench, "AT\r", OK);
    bench_stop(&bench);
}

static void keeps_its_prompt(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_init(&bench);
    arm(&bench, "esc-ignored");
    expect(&bench, "AT+CMGS=23\r", PROMPT);
    expect(&bench, "\x1b", "");
    expect(&bench, "AT\r", "");
    expect(&bench, CTRL_Z, CMS(304));
    expect(&bench, "AT\r", OK);
    assert_int_equal(bench_inbox(&bench, "messages"), 0);
    bench_stop(&bench);
}

static void is_busy_behind_cfun(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_init(&bench);
    arm(&bench, "cme-after-cfun:40");
    expect(&bench, "AT+CFUN=1\r", OK);
    expect(&bench, "AT+CSQ\r", CME(14));
    expect(&bench, "AT+CMEE=1\r", OK);
    expect(&bench, "AT\r", OK);
    bench_wait(&bench, 45000);
    expect(&bench, "AT+CSQ\r", INFO("+CSQ: 20,99") OK);
    assert_true(bench_ask(&bench, "{\"cmd\":\"clear-faults\"}"));
    arm(&bench, "cme-after-cfun:60000:515*1");
    expect(&bench, "AT+CFUN=1,1\r", OK);
    expect(&bench, "ATE0+CMEE=1\r", "ATE0+CMEE=1\r" OK);
    expect(&bench, "AT+CSQ\r", CME(515));
    assert_true(bench_ask(&bench, "{\"cmd\":\"clear-faults\"}"));
    expect(&bench, "AT+CFUN=1\r", OK);
    expect(&bench, "AT+CSQ\r", INFO("+CSQ: 20,99") OK);
    bench_stop(&bench);
}

static void leaves_out_commands(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_init(&bench);
    arm(&bench, "mute:+CMGL");
    expect(&bench, "AT+CMGL=4\r", "");
    expect(&bench, "AT+CMGL=4\r", "");
    expect(&bench, "AT\r", OK);
    arm(&bench, "mute:AT*1");
    expect(&bench, "AT\r", "");
    expect(&bench, "AT\r", OK);
    arm(&bench, "not-supported:+CNMI");
    expect(&bench, "AT+CNMI=2,1\r", INFO("COMMAND NOT SUPPORT"));
    arm(&bench, "not-supported:Z");
    expect(&bench, "ATZ\r", INFO("COMMAND NOT SUPPORT"));
    arm(&bench, "cme:256*2");
    expect(&bench, "AT+CSQ\r", CME(256));
    expect(&bench, "AT+CREG?\r", CME(256));
    expect(&bench, "AT+CREG?\r", INFO("+CREG: 0,1") OK);
    arm(&bench, "cpin-no-ok");
    expect(&bench, "AT+CPIN?\r", INFO("+CPIN: READY"));
    arm(&bench, "no-sim");
    expect(&bench, "AT+CPIN?\r", CME(10));
    expect(&bench, "AT+CIMI\r", CME(10));
    expect(&bench, "AT+CREG?\r", INFO("+CREG: 0,0") OK);
    arm(&bench, "cnmi-ds");
    assert_true(bench_ask(&bench, "{\"cmd\":\"clear-faults\"}"));
    arm(&bench, "cnmi-ds");
    expect(&bench, "AT+CNMI=2,1,0,1,0\r", CMS(303));
    expect(&bench, "AT+CNMI=2,1,0,2,0\r", OK);
    bench_stop(&bench);
}

static void runs_out_of_memory(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_init(&bench);
    arm(&bench, "storage-full");
    expect(&bench, "AT+CPMS?\r", INFO("+CPMS: \"SM\",30,30,\"SM\",30,30,\"SM\",30,30") OK);
    assert_false(bench_ask(&bench, DELIVER));
    assert_string_equal(bench_read(&bench), INFO("^SMMEMFULL: \"SM\""));
    assert_true(bench_ask(&bench, "{\"cmd\":\"clear-faults\"}"));
    expect(&bench, "AT+CPMS?\r", INFO("+CPMS: \"SM\",0,30,\"SM\",0,30,\"SM\",0,30") OK);
    arm(&bench, "storage-fill:24");
    expect(&bench, "AT+CPMS?\r", INFO("+CPMS: \"SM\",24,30,\"SM\",24,30,\"SM\",24,30") OK);
    assert_true(bench_ask(&bench, DELIVER));
    assert_string_equal(bench_read(&bench), INFO("+CMTI: \"SM\",25"));
    arm(&bench, "storage-fill");
    assert_false(bench_ask(&bench, DELIVER));
    expect(&bench, "AT+CMGD=1\r", INFO("^SMMEMFULL: \"SM\"") OK);
    assert_true(bench_ask(&bench, DELIVER));
    assert_string_equal(bench_read(&bench), INFO("+CMTI: \"SM\",1"));
    bench_stop(&bench);
}

static void announces_wrongly(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_init(&bench);
    arm(&bench, "cmti-memory:ME*1");
    assert_true(bench_ask(&bench, DELIVER));
    assert_string_equal(bench_read(&bench), INFO("+CMTI: \"ME\",1"));
    expect(&bench, "AT+CMGR=1\r", CMS(321));
    expect(&bench, "AT+CPMS=\"ME\"\r", INFO("+CPMS: 1,30,0,30,0,30") OK);
    assert_non_null(strstr(bench_say(&bench, "AT+CMGR=1\r"), "+CMGR: 0,,"));
    arm(&bench, "cmti-minus-one");
    assert_true(bench_ask(&bench, DELIVER));
    assert_string_equal(bench_read(&bench), INFO("+CMTI: \"SM\",-1"));
    expect(&bench, "AT+CPMS=\"SM\"\r", INFO("+CPMS: 0,30,0,30,0,30") OK);
    arm(&bench, "cmti-early:40");
    assert_true(bench_ask(&bench, DELIVER));
    assert_string_equal(bench_read(&bench), INFO("+CMTI: \"SM\",1"));
    expect(&bench, "AT+CMGR=1\r", CMS(321));
    bench_wait(&bench, 45000);
    assert_non_null(strstr(bench_say(&bench, "AT+CMGR=1\r"), "+CMGR: 0,,"));
    expect(&bench, "AT+CNMI=2,2\r", OK);
    assert_true(bench_ask(&bench, DELIVER));
    size_t whole = strlen(bench_read(&bench));
    arm(&bench, "half-pdu");
    assert_true(bench_ask(&bench, DELIVER));
    assert_true(strlen(bench_read(&bench)) < whole - 15);
    bench_stop(&bench);
}

/* All that comes until the line has been quiet for a while, counted: more than answer holds. */
static size_t swallow(struct bench *bench, const char *say)
{
    size_t total = 0;
    size_t len = strlen(bench_say(bench, say));
    while (len > 0) {
        total += len;
        len = strlen(bench_read(bench));
    }
    return total;
}

static void talks_nonsense(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_init(&bench);
    arm(&bench, "garbage-line");
    assert_int_equal(swallow(&bench, "AT\r"), 65536 + strlen(OK));
    arm(&bench, "garbage-line:100");
    assert_int_equal(strcspn(bench_say(&bench, "AT\r"), "\r\n"), 100);
    assert_string_equal(bench.answer + 100, OK);
    arm(&bench, "nuls:5");
    expect(&bench, "AT\r", "?????" OK);
    arm(&bench, "garbage:8");
    assert_int_equal(strlen(bench_say(&bench, "AT\r")), 8 + strlen(OK));
    arm(&bench, "stray-reply");
    assert_string_equal(bench_read(&bench), INFO("+CMGS: 7") OK);
    arm(&bench, "absurd*3");
    expect(&bench, "AT+CSQ\r", INFO("+CSQ: -7,-7,-7,-7,-7,-7") OK);
    assert_non_null(strstr(bench_say(&bench, "AT+CPMS?\r"), "+CPMS: 99999999999,"));
    assert_non_null(strstr(bench_say(&bench, "AT+CREG?\r"), "+CREG: \"muchos\","));
    expect(&bench, "AT+CREG?\r", INFO("+CREG: 0,1") OK);
    bench_stop(&bench);
}

static void counts_references(void **state)
{
    static const char *const expected[] = {SENT(254), SENT(255), SENT(0), SENT(1), SENT(1)};
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_init(&bench);
    arm(&bench, "reference:254");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        if (i == 3)
            arm(&bench, "mr-stuck");
        bench_say(&bench, "AT+CMGS=23\r");
        assert_answer("reference", bench_say(&bench, PDU CTRL_Z), expected[i]);
    }
    bench_stop(&bench);
}

static void refuses_one_number_late(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_init(&bench);
    arm(&bench, "dead-number:" NUMBER ":500:40");
    for (int i = 0; i < 2; i++) {
        bench_say(&bench, "AT+CMGS=23\r");
        assert_string_equal(bench_say(&bench, PDU CTRL_Z), "");
        bench_wait(&bench, 45000);
        assert_string_equal(bench_read(&bench), CMS(500));
    }
    arm(&bench, "final-late:30");
    arm(&bench, "cms:350");
    assert_true(bench_ask(&bench, "{\"cmd\":\"clear-faults\"}"));
    arm(&bench, "final-late:30");
    arm(&bench, "cms:350"); /* a network that refuses takes its time too */
    bench_say(&bench, "AT+CMGS=23\r");
    assert_string_equal(bench_say(&bench, PDU CTRL_Z), "");
    bench_wait(&bench, 35000);
    assert_string_equal(bench_read(&bench), CMS(350));
    assert_true(bench_ask(&bench, "{\"cmd\":\"set\",\"smsc\":\"\"}"));
    bench_say(&bench, "AT+CMGS=23\r");
    assert_string_equal(bench_say(&bench, PDU CTRL_Z), CMS(330));
    bench_stop(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floods_and_hears_nothing), cmocka_unit_test(keeps_its_prompt),
        cmocka_unit_test(is_busy_behind_cfun),      cmocka_unit_test(leaves_out_commands),
        cmocka_unit_test(runs_out_of_memory),       cmocka_unit_test(announces_wrongly),
        cmocka_unit_test(talks_nonsense),           cmocka_unit_test(counts_references),
        cmocka_unit_test(refuses_one_number_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
