/* SPDX-License-Identifier: EUPL-1.2 */
/* The simulated modem sends: the dialogue of AT+CMGS, reports, handsets. */
#include "test_sim_fixture.h"

#include "base/buf.h"
#include "gsm/segment.h"
#include "gsm/submit.h"
#include "sim/line.h"

#include <stdio.h>

static void dialogue_cases(void **state)
{
    static const struct {
        const char *command;
        const char *prompt;
        const char *entry;
        const char *expected;
        size_t received; /* in all, behind this row */
    } rows[] = {
        {"AT+CMGS=23\r", PROMPT, PDU CTRL_Z, SENT(0), 1},
        {"AT+CMGS=23\r", PROMPT, "0011000b914306002143f50000aa0ae8329bfd4697d9ec37" CTRL_Z, SENT(1),
         2},
        {"AT+CMGS=23\r", PROMPT, "\x1b", OK, 2},
        {"AT+CMGS=22\r", PROMPT, PDU CTRL_Z, CMS(304), 2},
        {"AT+CMGS=24\r", PROMPT, PDU CTRL_Z, CMS(304), 2},
        {"AT+CMGS=23\r", PROMPT, CTRL_Z, CMS(304), 2},
        {"AT+CMGS=23\r", PROMPT, "00" CTRL_Z, CMS(304), 2},
        {"AT+CMGS=23\r", PROMPT, "0" PDU CTRL_Z, CMS(304), 2},
        {"AT+CMGS=23\r", PROMPT, "ZZ11000B914306002143F5" CTRL_Z, CMS(304), 2},
        {"AT+CMGS=23\r", PROMPT, "0011000B914306002143F50000AA0BE8329BFD4697D9EC37" CTRL_Z,
         CMS(304), 2}, /* one septet more than there is */
        {"AT+CMGS=23\r", PROMPT, "0012000B914306002143F50000AA0AE8329BFD4697D9EC37" CTRL_Z,
         CMS(304), 2}, /* not a SUBMIT */
        {"AT+CMGS=6\r", CMS(304), "", "", 2},
        {"AT+CMGS=165\r", CMS(304), "", "", 2},
        {"AT+CMGS=abc\r", CMS(304), "", "", 2},
        {"AT+CMGS=\r", CMS(304), "", "", 2},
        {"AT+CMGS\r", "\r\nERROR\r\n", "", "", 2},
        /* the rest of the line is dropped, blanks and line ends in the PDU mean nothing */
        {"AT+CSQ;+CMGS=23;+CSQ\r", "\r\n+CSQ: 20,99\r\n" PROMPT, "\r\n" PDU "\r\n" CTRL_Z, SENT(2),
         3},
        {"AT+CMGS=30\r", PROMPT,
         "07914306090909F9"
         "0011000B914306002143F50000AA0AE8329BFD4697D9EC37" CTRL_Z,
         CMS(304), 3}, /* the service centre does not count */
        {"AT+CMGS=23\r", PROMPT,
         "07914306090909F9"
         "0011000B914306002143F50000AA0AE8329BFD4697D9EC37" CTRL_Z,
         CMS(304), 3}, /* and has its own length */
        {"AT+CMGS=23\r", PROMPT,
         "06914306090909"
         "11000B914306002143F50000AA0AE8329BFD4697D9EC37" CTRL_Z,
         SENT(3), 4},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_answer(rows[i].entry, bench_say(bench, rows[i].command), rows[i].prompt);
        assert_answer(rows[i].entry, bench_say(bench, rows[i].entry), rows[i].expected);
        assert_int_equal(bench_inbox(bench, "messages"), rows[i].received);
    }
    bench_expect(bench, "AT\r", OK);
}

static void echoes_the_pdu_and_wraps_the_reference(void **state)
{
    struct bench bench;
    (void)state;
    bench_start(&bench, NULL);
    bench_expect(&bench, "AT+CMGS=23\r", "AT+CMGS=23\r" PROMPT);
    bench_expect(&bench, PDU CTRL_Z, PDU SENT(0));
    bench_say(&bench, "ATE0\r");
    for (int i = 1; i < 256; i++) {
        bench_say(&bench, "AT+CMGS=23\r");
        bench_say(&bench, PDU CTRL_Z);
    }
    bench_send(&bench, PDU CTRL_Z, SENT(0));
    bench_stop(&bench);
}

static void tells_the_handset_everything(void **state)
{
    struct bench *bench = *state;
    json_t *inbox;
    json_t *message;
    bench_say(bench, "AT+CMGS=23\r");
    bench_say(bench, PDU_SRR CTRL_Z);
    inbox = bench_control(bench, "{\"cmd\":\"inbox\",\"number\":\"" NUMBER "\"}");
    message = json_array_get(json_object_get(inbox, "messages"), 0);
    assert_string_equal(json_string_value(json_object_get(message, "number")), NUMBER);
    assert_string_equal(json_string_value(json_object_get(message, "text")), "hellohello");
    assert_string_equal(json_string_value(json_object_get(message, "smsc")), "+34600000000");
    assert_int_equal(json_integer_value(json_object_get(message, "vp_s")), 4 * 86400);
    assert_int_equal(json_integer_value(json_object_get(message, "pid")), 0);
    assert_true(json_is_true(json_object_get(message, "srr")));
    json_decref(inbox);
    inbox = bench_control(bench, "{\"cmd\":\"inbox\",\"number\":\"+34999\"}");
    assert_int_equal(json_array_size(json_object_get(inbox, "messages")), 0);
    json_decref(inbox);
    assert_true(bench_ask(bench, "{\"cmd\":\"reset\"}"));
    assert_int_equal(bench_inbox(bench, "messages"), 0);
}

/* Sends one part through the modem. */
static void send_part(struct bench *bench, const struct gsm_part *part, uint8_t replace)
{
    char command[32];
    char entry[400];
    uint8_t pdu[GSM_PDU_MAX];
    struct buf out;
    struct buf text;
    size_t tpdu_len = 0;
    struct gsm_submit submit = {.to = {NUMBER},
                                .replace = replace,
                                .alphabet = part->alphabet,
                                .concat = part->concat,
                                .data_len = part->data_len};
    memcpy(submit.data, part->data, part->data_len);
    buf_init(&out, pdu, sizeof(pdu));
    assert_true(gsm_submit_encode(&submit, &out, &tpdu_len));
    snprintf(command, sizeof(command), "AT+CMGS=%zu\r", tpdu_len);
    buf_init(&text, entry, sizeof(entry));
    buf_hex(&text, pdu, out.len);
    buf_str(&text, CTRL_Z);
    assert_string_equal(bench_say(bench, command), PROMPT);
    assert_non_null(strstr(bench_say(bench, buf_cstr(&text)), OK));
}

static void merges_parts_and_replaces(void **state)
{
    struct bench *bench = *state;
    struct gsm_part parts[GSM_PARTS_MAX];
    size_t count = 0;
    char words[301];
    json_t *inbox;
    json_t *texts;
    for (size_t i = 0; i < 300; i++)
        words[i] = (char)('a' + i % 26);
    words[300] = '\0';
    assert_true(gsm_segment(words, 300, 7, parts, &count));
    assert_int_equal(count, 2);
    send_part(bench, &parts[1], 0); /* in any order */
    assert_int_equal(bench_inbox(bench, "texts"), 0);
    send_part(bench, &parts[0], 0);
    assert_true(gsm_segment("primera ñ", strlen("primera ñ"), 8, parts, &count));
    send_part(bench, &parts[0], 2);
    assert_true(gsm_segment("á", strlen("á"), 9, parts, &count));
    send_part(bench, &parts[0], 2);
    send_part(bench, &parts[0], 3);
    assert_int_equal(bench_inbox(bench, "messages"), 5);
    inbox = bench_control(bench, "{\"cmd\":\"inbox\"}");
    texts = json_object_get(inbox, "texts");
    assert_int_equal(json_array_size(texts), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(texts, 0), "text")),
                        words);
    assert_string_equal(json_string_value(json_object_get(json_array_get(texts, 1), "text")), "á");
    json_decref(inbox);
}

static void text_mode_cases(void **state)
{
    static const struct {
        const char *setup;
        const char *command;
        const char *entry;
        const char *expected;
        const char *text; /* as received; NULL = nothing */
    } rows[] = {
        {"AT+CMGF=1\r", "AT+CMGS=\"600123123\"\r", "hola" CTRL_Z, SENT(0), "hola"},
        {"AT+CSCS=\"GSM\"\r", "AT+CMGS=\"600123123\",129\r",
         "ma\x7d"
         "ana" CTRL_Z,
         SENT(1), "mañana"},
        {"AT+CSCS=\"IRA\"\r", "AT+CMGS=\"+34600123123\"\r", "a@b" CTRL_Z, SENT(2), "a@b"},
        {"AT+CSCS=\"UCS2\"\r", "AT+CMGS=\"600123123\"\r", "007300ED" CTRL_Z, CMS(305), NULL},
        {"AT+CSMP=17,167,0,8\r", "AT+CMGS=\"600123123\"\r", "007300ED" CTRL_Z, SENT(3), "sí"},
        {"AT+CSCS=\"UCS2\"\r", "AT+CMGS=\"600123123\"\r", "0073Z" CTRL_Z, CMS(305), NULL},
        {"AT+CSMP=17,167,0,4\r", "AT+CMGS=\"600123123\"\r", "00" CTRL_Z, CMS(303), NULL},
        {"AT\r", "AT+CMGS=\"600123123\"\r", "\x1b", OK, NULL},
        {"AT+CSMP=17,167,0,0;+CSCS=\"IRA\"\r", "AT+CMGS=\"600123123\"\r", "ax\bb" CTRL_Z, SENT(4),
         "ab"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(bench_ask(bench, "{\"cmd\":\"reset\"}"));
        assert_answer(rows[i].command, bench_say(bench, rows[i].setup), OK);
        assert_answer(rows[i].command, bench_say(bench, rows[i].command), PROMPT);
        assert_answer(rows[i].entry, bench_say(bench, rows[i].entry), rows[i].expected);
        json_t *inbox = bench_control(bench, "{\"cmd\":\"inbox\"}");
        json_t *message = json_array_get(json_object_get(inbox, "messages"), 0);
        const char *text = json_string_value(json_object_get(message, "text"));
        assert_answer(rows[i].entry, text != NULL ? text : "-",
                      rows[i].text != NULL ? rows[i].text : "-");
        json_decref(inbox);
    }
    bench_expect(bench, "AT+CMGS=\"not a number\"\r", CMS(305));
    bench_say(bench, "AT+CMGS=\"600\"\r");
    bench_expect(bench, "one\r", PROMPT);
    assert_string_equal(bench_say(bench, "two" CTRL_Z), SENT(5));
}

static void takes_the_network_s_time(void **state)
{
    struct sim_config config;
    struct bench bench;
    (void)state;
    sim_config_default(&config);
    config.cmgs_latency_us = 30000;
    config.report_latency_us = 500000; /* far off, so that a slow machine is not taken for it */
    bench_start(&bench, &config);
    bench_init(&bench);
    bench_send(&bench, PDU_SRR CTRL_Z, "");
    assert_int_equal(bench_inbox(&bench, "messages"), 1); /* there before the answer */
    assert_string_equal(bench_say(&bench, "AT\r"), "");   /* ignored while it runs */
    bench_wait(&bench, 35000);
    assert_string_equal(bench_read(&bench), SENT(0));
    assert_string_equal(bench_say(&bench, "AT+C"), ""); /* the report waits for the line's end */
    bench_wait(&bench, 520000);
    assert_string_equal(bench_read(&bench), "");
    assert_ptr_equal(strstr(bench_say(&bench, "SQ\r"), "\r\n+CSQ: 20,99\r\n" OK CDS), bench.answer);
    bench_stop(&bench);
}

static void routes_reports_as_asked(void **state)
{
    static const struct {
        const char *cnmi;
        const char *behind; /* what follows +CMGS … OK */
    } rows[] = {
        {"AT+CNMI=2,1,0,1,0\r", CDS "25\r\n07914306000000F006"},
        {"AT+CNMI=2,1,0,2,0\r", "\r\n+CDSI: \"SR\",1\r\n"},
        {"AT+CNMI=2,1,0,0,0\r", ""},
        {"AT+CNMI=0,1,0,1,0\r", ""},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bench_say(bench, rows[i].cnmi);
        bench_say(bench, "AT+CMGS=23\r");
        const char *behind = strstr(bench_say(bench, PDU_SRR CTRL_Z), OK);
        assert_non_null(behind);
        behind += strlen(OK);
        size_t len = rows[i].behind[0] == '\0' ? 1 : strlen(rows[i].behind);
        if (strncmp(behind, rows[i].behind, len) != 0)
            fail_msg("%s gave %s", rows[i].cnmi, behind);
    }
    bench_say(bench, "AT+CPMS=\"SR\"\r");
    assert_non_null(strstr(bench_say(bench, "AT+CMGR=1\r"), "+CMGR: 0,,25\r\n07914306000000F006"));
    assert_non_null(
        strstr(bench_say(bench, "AT+CMGF=1;+CMGR=1\r"), "+CMGR: \"REC READ\",6,1,\"" NUMBER "\""));
}

static void a_new_line_starts_clean(void **state)
{
    struct sim_config config;
    struct bench bench;
    (void)state;
    sim_config_default(&config);
    config.cmgs_latency_us = 20000;
    bench_start(&bench, &config);
    bench_init(&bench);
    bench_say(&bench, "AT+CMGS=23\r");
    bench_say(&bench, PDU CTRL_Z);
    close(bench.fd);
    bench_plug(&bench);
    assert_string_equal(bench_say(&bench, "AT\r"), OK); /* settings stay, the old answer is gone */
    bench_wait(&bench, 25000);
    assert_string_equal(bench_read(&bench), "");
    sim_line_detach(bench.sim);
    bench_stop(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bench_test(dialogue_cases),
        cmocka_unit_test(echoes_the_pdu_and_wraps_the_reference),
        bench_test(tells_the_handset_everything),
        bench_test(merges_parts_and_replaces),
        bench_test(text_mode_cases),
        cmocka_unit_test(takes_the_network_s_time),
        bench_test(routes_reports_as_asked),
        cmocka_unit_test(a_new_line_starts_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
