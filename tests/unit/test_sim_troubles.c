/* SPDX-License-Identifier: EUPL-1.2 */
/* The faults of the simulated modem that last: dead, busy, full, gone, or talking nonsense. */
#include "test_sim_fixture.h"

#include <stdio.h>

#define DELIVER "{\"cmd\":\"deliver\",\"from\":\"+34611222333\",\"text\":\"hola\"}"

static size_t count(const char *text, const char *word)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
        found++;
    return found;
}

static void floods_and_hears_nothing(void **state)
{
    struct bench *bench = *state;
    bench_arm(bench, "boot-flood:450");
    bench_say(bench, "AT\r");
    bench_wait(bench, 250000);
    assert_null(strstr(bench_read(bench), "OK"));
    assert_true(count(bench->answer, "^BOOT:") >= 1);
    bench_wait(bench, 400000);
    bench_read(bench);
    bench_expect(bench, "AT\r", OK);
    bench_arm(bench, "boot-flood");
    bench_arm(bench, "boot-flood"); /* still one flood */
    assert_int_equal(count(bench_read(bench), "^RSSI:25"), 1);
    assert_true(bench_ask(bench, "{\"cmd\":\"clear-faults\"}"));
    bench_expect(bench, "AT\r", OK);
}

static void keeps_its_prompt(void **state)
{
    struct bench *bench = *state;
    bench_arm(bench, "esc-ignored");
    bench_expect(bench, "AT+CMGS=23\r", PROMPT);
    bench_expect(bench, "\x1b", "");
    bench_expect(bench, "AT\r", "");
    bench_expect(bench, CTRL_Z, CMS(304));
    bench_expect(bench, "AT\r", OK);
    assert_int_equal(bench_inbox(bench, "messages"), 0);
}

static void is_busy_behind_cfun(void **state)
{
    struct bench *bench = *state;
    bench_arm(bench, "cme-after-cfun:40");
    bench_expect(bench, "AT+CFUN=1\r", OK);
    bench_expect(bench, "AT+CSQ\r", CME(14));
    bench_expect(bench, "AT+CMEE=1\r", OK);
    bench_expect(bench, "AT\r", OK);
    bench_wait(bench, 45000);
    bench_expect(bench, "AT+CSQ\r", INFO("+CSQ: 20,99") OK);
    assert_true(bench_ask(bench, "{\"cmd\":\"clear-faults\"}"));
    bench_arm(bench, "cme-after-cfun:60000:515*1");
    bench_expect(bench, "AT+CFUN=1,1\r", OK);
    bench_expect(bench, "ATE0+CMEE=1\r", "ATE0+CMEE=1\r" OK);
    bench_expect(bench, "AT+CSQ\r", CME(515));
    assert_true(bench_ask(bench, "{\"cmd\":\"clear-faults\"}"));
    bench_expect(bench, "AT+CFUN=1\r", OK);
    bench_expect(bench, "AT+CSQ\r", INFO("+CSQ: 20,99") OK);
}

static void leaves_out_commands(void **state)
{
    struct bench *bench = *state;
    bench_arm(bench, "mute:+CMGL");
    bench_expect(bench, "AT+CMGL=4\r", "");
    bench_expect(bench, "AT+CMGL=4\r", "");
    bench_expect(bench, "AT\r", OK);
    bench_arm(bench, "mute:AT*1");
    bench_expect(bench, "AT\r", "");
    bench_expect(bench, "AT\r", OK);
    bench_arm(bench, "not-supported:+CNMI");
    bench_expect(bench, "AT+CNMI=2,1\r", INFO("COMMAND NOT SUPPORT"));
    bench_arm(bench, "not-supported:Z");
    bench_expect(bench, "ATZ\r", INFO("COMMAND NOT SUPPORT"));
    bench_arm(bench, "cme:256*2");
    bench_expect(bench, "AT+CSQ\r", CME(256));
    bench_expect(bench, "AT+CREG?\r", CME(256));
    bench_expect(bench, "AT+CREG?\r", INFO("+CREG: 0,1") OK);
    bench_arm(bench, "cpin-no-ok");
    bench_expect(bench, "AT+CPIN?\r", INFO("+CPIN: READY"));
    bench_arm(bench, "no-sim");
    bench_expect(bench, "AT+CPIN?\r", CME(10));
    bench_expect(bench, "AT+CIMI\r", CME(10));
    bench_expect(bench, "AT+CREG?\r", INFO("+CREG: 0,0") OK);
    bench_arm(bench, "cnmi-ds");
    assert_true(bench_ask(bench, "{\"cmd\":\"clear-faults\"}"));
    bench_arm(bench, "cnmi-ds");
    bench_expect(bench, "AT+CNMI=2,1,0,1,0\r", CMS(303));
    bench_expect(bench, "AT+CNMI=2,1,0,2,0\r", OK);
}

static void runs_out_of_memory(void **state)
{
    struct bench *bench = *state;
    bench_arm(bench, "storage-full");
    bench_expect(bench, "AT+CPMS?\r", INFO("+CPMS: \"SM\",30,30,\"SM\",30,30,\"SM\",30,30") OK);
    assert_false(bench_ask(bench, DELIVER));
    assert_string_equal(bench_read(bench), INFO("^SMMEMFULL: \"SM\""));
    assert_true(bench_ask(bench, "{\"cmd\":\"clear-faults\"}"));
    bench_expect(bench, "AT+CPMS?\r", INFO("+CPMS: \"SM\",0,30,\"SM\",0,30,\"SM\",0,30") OK);
    bench_arm(bench, "storage-fill:24");
    bench_expect(bench, "AT+CPMS?\r", INFO("+CPMS: \"SM\",24,30,\"SM\",24,30,\"SM\",24,30") OK);
    assert_true(bench_ask(bench, DELIVER));
    assert_string_equal(bench_read(bench), INFO("+CMTI: \"SM\",25"));
    bench_arm(bench, "storage-fill");
    assert_false(bench_ask(bench, DELIVER));
    bench_expect(bench, "AT+CMGD=1\r", INFO("^SMMEMFULL: \"SM\"") OK);
    assert_true(bench_ask(bench, DELIVER));
    assert_string_equal(bench_read(bench), INFO("+CMTI: \"SM\",1"));
}

static void announces_wrongly(void **state)
{
    struct bench *bench = *state;
    bench_arm(bench, "cmti-memory:ME*1");
    assert_true(bench_ask(bench, DELIVER));
    assert_string_equal(bench_read(bench), INFO("+CMTI: \"ME\",1"));
    bench_expect(bench, "AT+CMGR=1\r", CMS(321));
    bench_expect(bench, "AT+CPMS=\"ME\"\r", INFO("+CPMS: 1,30,0,30,0,30") OK);
    assert_non_null(strstr(bench_say(bench, "AT+CMGR=1\r"), "+CMGR: 0,,"));
    bench_arm(bench, "cmti-minus-one");
    assert_true(bench_ask(bench, DELIVER));
    assert_string_equal(bench_read(bench), INFO("+CMTI: \"SM\",-1"));
    bench_expect(bench, "AT+CPMS=\"SM\"\r", INFO("+CPMS: 0,30,0,30,0,30") OK);
    bench_arm(bench, "cmti-early:40");
    assert_true(bench_ask(bench, DELIVER));
    assert_string_equal(bench_read(bench), INFO("+CMTI: \"SM\",1"));
    bench_expect(bench, "AT+CMGR=1\r", CMS(321));
    bench_wait(bench, 45000);
    assert_non_null(strstr(bench_say(bench, "AT+CMGR=1\r"), "+CMGR: 0,,"));
    bench_expect(bench, "AT+CNMI=2,2\r", OK);
    assert_true(bench_ask(bench, DELIVER));
    size_t whole = strlen(bench_read(bench));
    bench_arm(bench, "half-pdu");
    assert_true(bench_ask(bench, DELIVER));
    assert_true(strlen(bench_read(bench)) < whole - 15);
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
    struct bench *bench = *state;
    bench_arm(bench, "garbage-line");
    assert_int_equal(swallow(bench, "AT\r"), 65536 + strlen(OK));
    bench_arm(bench, "garbage-line:100");
    assert_int_equal(strcspn(bench_say(bench, "AT\r"), "\r\n"), 100);
    assert_string_equal(bench->answer + 100, OK);
    bench_arm(bench, "nuls:5");
    bench_expect(bench, "AT\r", "?????" OK);
    bench_arm(bench, "garbage:8");
    assert_int_equal(strlen(bench_say(bench, "AT\r")), 8 + strlen(OK));
    bench_arm(bench, "stray-reply");
    assert_string_equal(bench_read(bench), INFO("+CMGS: 7") OK);
    bench_arm(bench, "absurd*3");
    bench_expect(bench, "AT+CSQ\r", INFO("+CSQ: -7,-7,-7,-7,-7,-7") OK);
    assert_non_null(strstr(bench_say(bench, "AT+CPMS?\r"), "+CPMS: 99999999999,"));
    assert_non_null(strstr(bench_say(bench, "AT+CREG?\r"), "+CREG: \"muchos\","));
    bench_expect(bench, "AT+CREG?\r", INFO("+CREG: 0,1") OK);
}

static void counts_references(void **state)
{
    static const char *const expected[] = {SENT(254), SENT(255), SENT(0), SENT(1), SENT(1)};
    struct bench *bench = *state;
    bench_arm(bench, "reference:254");
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        if (i == 3)
            bench_arm(bench, "mr-stuck");
        bench_send(bench, PDU CTRL_Z, expected[i]);
    }
}

static void refuses_one_number_late(void **state)
{
    struct bench *bench = *state;
    bench_arm(bench, "dead-number:" NUMBER ":500:40");
    for (int i = 0; i < 2; i++) {
        bench_send(bench, PDU CTRL_Z, "");
        bench_wait(bench, 45000);
        assert_string_equal(bench_read(bench), CMS(500));
    }
    bench_arm(bench, "final-late:30");
    bench_arm(bench, "cms:350");
    assert_true(bench_ask(bench, "{\"cmd\":\"clear-faults\"}"));
    bench_arm(bench, "final-late:30");
    bench_arm(bench, "cms:350"); /* a network that refuses takes its time too */
    bench_send(bench, PDU CTRL_Z, "");
    bench_wait(bench, 35000);
    assert_string_equal(bench_read(bench), CMS(350));
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"smsc\":\"\"}"));
    bench_send(bench, PDU CTRL_Z, CMS(330));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bench_test(floods_and_hears_nothing), bench_test(keeps_its_prompt),
        bench_test(is_busy_behind_cfun),      bench_test(leaves_out_commands),
        bench_test(runs_out_of_memory),       bench_test(announces_wrongly),
        bench_test(talks_nonsense),           bench_test(counts_references),
        bench_test(refuses_one_number_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
