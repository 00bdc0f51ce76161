/* SPDX-License-Identifier: EUPL-1.2 */
/* The faults of the simulated modem: how they are written, and what each does. */
#include "test_sim_fixture.h"

#include <stdio.h>

/* A fault, an AT+CMGS, and the expected line and handset. */
struct fault_case {
    const char *fault;
    const char *pdu;
    const char *prompt;
    const char *answer;
    size_t received;
};

static void fault_cases(void **state)
{
#define REPORT CDS "25\r\n"
    static const struct fault_case rows[] = {
        {"lost-reply", PDU, PROMPT, "", 1},
        {"lost-reply", PDU_SRR, PROMPT, REPORT, 1},
        {"no-report", PDU_SRR, PROMPT, SENT(0), 1},
        {"cms:38", PDU_SRR, PROMPT, CMS(38), 0},
        {"cms-after:500", PDU, PROMPT, CMS(500), 1},
        {"prompt-bare", PDU, ">", SENT(0), 1},
        {"prompt-lost", PDU, "", SENT(0), 1},
        {"crlf-double", PDU, PROMPT, "\r\r\n+CMGS: 0\r\r\n\r\r\nOK\r\r\n", 1},
        {"silent", PDU, "", "", 0},
        {"cme-busy:1", "", "\r\n+CME ERROR: 14\r\n", "", 0},
        {"vanish-pdu:50", PDU, PROMPT, "", 1},
        {"vanish-entry:50", PDU, PROMPT, "", 0},
        {"ring-pdu", PDU, PROMPT, "\r\nRING\r\n" SENT(0), 1},
        {"boot-flood", PDU, "\r\n^BOOT:26510952,0,0,0,6\r\n\r\n^RSSI:25\r\n", "", 0},
        {"dead-number:600012345:38", PDU, PROMPT, CMS(38), 0},
        {"dead-number:+34600012346:38", PDU, PROMPT, SENT(0), 1},
        {"cme:515", "", "\r\n+CME ERROR: 515\r\n", "", 0},
        {"not-supported:+cmgs", "", "\r\nCOMMAND NOT SUPPORT\r\n", "", 0},
        {"mute:+CMGS", "", "", "", 0},
        {"mute:+CMGR", PDU, PROMPT, SENT(0), 1},
        {"no-sim", "", CMS(310), "", 0},
        {"reference:255", PDU, PROMPT, SENT(255), 1},
        {"half-pdu", PDU_SRR, PROMPT, SENT(0) CDS "25\r\n", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bench bench;
        char entry[128];
        bench_start(&bench, NULL);
        bench_init(&bench);
        bench_arm(&bench, rows[i].fault);
        snprintf(entry, sizeof(entry), "%s%s", rows[i].pdu, rows[i].pdu[0] != '\0' ? CTRL_Z : "");
        assert_answer(rows[i].fault, bench_say(&bench, "AT+CMGS=23\r"), rows[i].prompt);
        const char *answer = bench_say(&bench, entry);
        if (rows[i].answer[0] != '\0' && strncmp(answer, rows[i].answer, strlen(rows[i].answer)))
            assert_answer(rows[i].fault, answer, rows[i].answer);
        if (rows[i].answer[0] == '\0')
            assert_answer(rows[i].fault, answer, "");
        assert_int_equal(bench_inbox(&bench, "messages"), rows[i].received);
        bench_stop(&bench);
    }
}

static void delays_by_fault(void **state)
{
    struct bench *bench = *state;
    bench_arm(bench, "prompt-late:30");
    bench_arm(bench, "final-late:30");
    bench_arm(bench, "report-late:30");
    bench_expect(bench, "AT+CMGS=23\r", "");
    bench_wait(bench, 35000);
    assert_string_equal(bench_read(bench), PROMPT);
    bench_expect(bench, PDU_SRR CTRL_Z, "");
    bench_wait(bench, 35000);
    assert_string_equal(bench_read(bench), SENT(0));
    bench_wait(bench, 35000);
    assert_ptr_equal(strstr(bench_read(bench), CDS), bench->answer);
}

static void disorders_reports(void **state)
{
    struct bench *bench = *state;
    const char *cds;
    bench_arm(bench, "report-early");
    bench_say(bench, "AT+CMGS=23\r");
    assert_ptr_equal(strstr(bench_say(bench, PDU_SRR CTRL_Z), CDS), bench->answer);
    assert_non_null(strstr(bench->answer, "\r\n" SENT(0)));
    bench_arm(bench, "report-twice");
    bench_say(bench, "AT+CMGS=23\r");
    cds = strstr(bench_say(bench, PDU_SRR CTRL_Z), CDS);
    assert_non_null(cds);
    assert_non_null(strstr(cds + 1, CDS));
    /* out of the network a report waits; it comes with the registration */
    assert_true(bench_ask(bench, "{\"cmd\":\"set\",\"report_latency_s\":0.02}"));
    bench_send(bench, PDU_SRR CTRL_Z, SENT(2));
    bench_arm(bench, "creg:2");
    bench_wait(bench, 30000);
    assert_string_equal(bench_read(bench), "");
    assert_true(bench_ask(bench, "{\"cmd\":\"clear-faults\"}"));
    assert_ptr_equal(strstr(bench_read(bench), CDS), bench->answer);
}

static void makes_noise(void **state)
{
    struct bench *bench = *state;
    const char *ok;
    bench_arm(bench, "urc-noise");
    assert_ptr_not_equal(strstr(bench_say(bench, "AT+CSQ\r"), "\r\n+CSQ: 20,99\r\n"),
                         bench->answer);
    const char *prompt = strstr(bench_say(bench, "AT+CMGS=23\r"), PROMPT);
    assert_non_null(prompt);
    assert_true(prompt > bench->answer && strlen(prompt) > strlen(PROMPT));
    ok = strstr(bench_say(bench, PDU CTRL_Z), "\r\n+CMGS: 0\r\n");
    assert_true(ok != NULL && ok > bench->answer);
    assert_null(strstr(ok, SENT(0))); /* a line between the two */
    bench_expect(bench, "AT\r", OK);
    bench_arm(bench, "garbage");
    const char *answer = bench_say(bench, "AT\r");
    assert_int_equal(strlen(answer), 64 + strlen(OK));
    assert_string_equal(answer + 64, OK);
}

static void modes_and_actions(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_arm(&bench, "echo-off");
    bench_expect(&bench, "ATE1\r", OK);
    bench_arm(&bench, "silent:20");
    bench_expect(&bench, "AT\r", "");
    bench_wait(&bench, 25000);
    bench_expect(&bench, "AT\r", OK);
    bench_arm(&bench, "csq:7");
    bench_expect(&bench, "AT+CSQ\r", "\r\n+CSQ: 7,99\r\n" OK);
    bench_arm(&bench, "pin-counter:0");
    bench_expect(&bench, "AT+CPIN?\r", "\r\n+CPIN: SIM PUK\r\n" OK);
    assert_true(bench_ask(&bench, "{\"cmd\":\"clear-faults\"}"));
    bench_expect(&bench, "AT\r", "AT\r" OK);
    bench_stop(&bench);
}

static void vanishes_and_comes_back(void **state)
{
    struct bench *bench = *state;
    char byte;
    bench_say(bench, "AT+CMGS=23\r");
    bench_arm(bench, "vanish:30");
    assert_int_equal(read(bench->fd, &byte, 1), 0);
    close(bench->fd);
    bench_plug(bench); /* refused while it is away */
    assert_int_equal(read(bench->fd, &byte, 1), 0);
    close(bench->fd);
    bench_wait(bench, 40000);
    bench_plug(bench);
    assert_string_equal(bench_say(bench, "AT\r"), "AT\r" OK); /* new power: echo is on again */
}

static void fault_texts(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } rows[] = {
        {"lost-reply", true},
        {"lost-reply*3", true},
        {"lost-reply*", true},
        {"lost-reply*0", true},
        {"cms:38*2", true},
        {"silent", true},
        {"silent:50", true},
        {"cms", false},
        {"cms:", false},
        {"cms:x", false},
        {"cms:38x", false},
        {"cms:99999", false},
        {"lost-reply:1", false},
        {"lost-reply*x", false},
        {"silent*2", false},
        {"creg:11", false},
        {"pin-counter:4", false},
        {"lost", false},
        {"", false},
        {"cme-busy:0", true},
        {"cme:14*3", true},
        {"mute:+CMGL", true},
        {"mute:+CMGL*2", true},
        {"mute", false},
        {"mute:", false},
        {"dead-number:+34600123123:38", true},
        {"dead-number:+34600123123:38:5000*2", true},
        {"dead-number:+34600123123", false},
        {"dead-number:nobody:38", false},
        {"dead-number:+34600123123:99999", false},
        {"cme-after-cfun:500", true},
        {"cme-after-cfun:500:515", true},
        {"cme-after-cfun:500:515:1", false},
        {"cmti-memory:ME", true},
        {"cmti-memory:XX", false},
        {"garbage:70", true},
        {"garbage-line:2000000", false},
        {"reference:256", false},
        {"storage-fill", true},
        {"storage-fill:31", false},
        {"ussd:6", false},
    };
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (sim_fault(bench.sim, rows[i].text) != rows[i].ok)
            fail_msg("fault text %s", rows[i].text);
    bench_stop(&bench);
}

static void faults_take_turns(void **state)
{
    static const char *const expected[] = {CMS(38), CMS(38), CMS(42), SENT(0), SENT(1)};
    struct bench *bench = *state;
    bench_arm(bench, "cms:38*2");
    bench_arm(bench, "cms:42");
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        bench_send(bench, PDU CTRL_Z, expected[i]);
    for (int i = 0; i < 32; i++)
        bench_arm(bench, "no-report");
    assert_false(sim_fault(bench->sim, "no-report")); /* the list is full */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_cases),       bench_test(delays_by_fault),
        bench_test(disorders_reports),       bench_test(makes_noise),
        cmocka_unit_test(modes_and_actions), bench_test(vanishes_and_comes_back),
        cmocka_unit_test(fault_texts),       bench_test(faults_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
