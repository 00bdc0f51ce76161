/* SPDX-License-Identifier: EUPL-1.2 */
/* The chat against a modem that a table plays: what it says, piece by piece, and what must come of
 * it. */
#include "tests/unit/test_at_chat_fixture.h"

#define REPORT "0006010B914306103221F3621122210000006211222100000000"
#define MESSAGE "00040581227700006210100000000005F4329EFE06"

static const struct row rows[] = {
    {"plain", "AT", NULL, NULL, "\r\nOK\r\n", 0, false, AT_RESULT_OK, 0, "", ""},
    {"echo", "AT+CSQ", "+CSQ:", NULL, "AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "+CSQ: 20,99;", ""},
    {"double cr", "AT+CSQ", "+CSQ:", NULL, "\r\r\n+CSQ: 20,99\r\r\n\r\r\nOK\r\r\n", 0, false,
     AT_RESULT_OK, 0, "+CSQ: 20,99;", ""},
    {"cme", "AT+CPIN?", "+CPIN:", NULL, "\r\n+CME ERROR: 10\r\n", 0, false, AT_RESULT_ERROR, 10, "",
     ""},
    {"verbose cme", "AT+CPIN?", "+CPIN:", NULL, "\r\n+CME ERROR: SIM not inserted\r\n", 0, false,
     AT_RESULT_ERROR, 10, "", ""},
    {"numeric", "AT", NULL, NULL, "0\r", 0, true, AT_RESULT_OK, 0, "", ""},
    {"numeric error", "AT", NULL, NULL, "4\r", 0, true, AT_RESULT_ERROR, 0, "", ""},
    {"huawei error", "AT+X", NULL, NULL, "\r\nCOMMAND NOT SUPPORT\r\n", 0, false, AT_RESULT_ERROR,
     0, "", ""},
    {"event before the reply", "AT+CSQ", "+CSQ:", NULL,
     "\r\n^RSSI:25\r\n\r\n+CSQ: 1,99\r\n\r\nRING\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0,
     "+CSQ: 1,99;", "^RSSI:25;RING;"},
    {"event with the prefix of the reply", "AT+CREG?", "+CREG:", NULL,
     "\r\n+CREG: 1\r\n\r\n+CREG: 1,5\r\n\r\nOK\r\n", 2, false, AT_RESULT_OK, 0, "+CREG: 1,5;",
     "+CREG: 1;"},
    {"event while any line counts", "AT+CGMI", NULL, NULL, "\r\n+CREG: 1\r\n\r\nACME\r\n\r\nOK\r\n",
     0, false, AT_RESULT_OK, 0, "ACME;", "+CREG: 1;"},
    {"prompt with space", "AT+CMGS=9", "+CMGS:", "0011AA", "\r\n> \1\r\n+CMGS: 7\r\n\r\nOK\r\n", 0,
     false, AT_RESULT_OK, 0, "+CMGS: 7;", ""},
    {"bare prompt", "AT+CMGS=9", "+CMGS:", "0011AA", ">\1\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "+CMGS: 7;", ""},
    {"prompt with crlf and echoes", "AT+CMGS=9", "+CMGS:", "0011AA",
     "AT+CMGS=9\r\r\n>\r\n\1"
     "0011AA\x1a\r\n+CMGS: 7\r\n\r\nOK\r\n",
     0, false, AT_RESULT_OK, 0, "+CMGS: 7;", ""},
    {"events around the prompt", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n^BOOT:1\r\n\r\n> \1\r\nRING\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0,
     "+CMGS: 7;", "^BOOT:1;RING;"},
    {"report in the middle", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n> \1\r\n+CDS: 6\r\n0006AB00112233\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK,
     0, "+CMGS: 7;", "+CDS: 6|0006AB00112233;"},
    {"report with the extra comma", "AT", NULL, NULL,
     "\r\n+CDS: ,6\r\n0006AB00112233\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0, "",
     "+CDS: ,6|0006AB00112233;"},
    {"half a report", "AT", NULL, NULL, "\r\n+CDS: 25\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0, "",
     ""},
    {"a number behind half a report", "AT", NULL, NULL, "\r\n+CDS: 25\r\n0\r", 0, true,
     AT_RESULT_OK, 0, "", ""},
    {"an error behind half a report", "AT", NULL, NULL, "\r\n+CDS: 25\r\n4\r", 0, true,
     AT_RESULT_ERROR, 0, "", ""},
    {"half of a report's digits", "AT", NULL, NULL, "\r\n+CDS: 25\r\n0006AB001122331\r\nOK\r\n", 0,
     false, AT_RESULT_OK, 0, "0006AB001122331;", ""},
    /* a report whose two lines come apart, or that comes in three */
    {"an answer within a report", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n> \1\r\n+CDS: 25\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n" REPORT "\r\n", 0, false, AT_RESULT_OK, 0,
     "+CMGS: 7;", "+CDS: 25|" REPORT ";"},
    {"a name within a report", "AT+CGMI", NULL, NULL,
     "\r\n+CDS: 25\r\nACME\r\n" REPORT "\r\nOK\r\n", 0, false, AT_RESULT_OK, 0, "ACME;",
     "+CDS: 25|" REPORT ";"},
    {"a report of a wrong length", "AT", NULL, NULL, "\r\n+CDS: 99\r\n" REPORT "\r\nOK\r\n", 0,
     false, AT_RESULT_OK, 0, "", "+CDS: 99|" REPORT ";"},
    {"a report in two lines", "AT", NULL, NULL,
     "\r\n+CDS: 25\r\n0006010B914306103221F36\r\n21122210000006211222100000000\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "", "+CDS: 25|" REPORT ";"},
    {"events within a report in two lines", "AT", NULL, NULL,
     "\r\n+CDS: 25\r\n+CREG: 1\r\n0006010B914306103221F36\r\nOK\r\n+CREG: 5\r\n"
     "21122210000006211222100000000\r\n",
     0, false, AT_RESULT_OK, 0, "", "+CREG: 1;+CREG: 5;+CDS: 25|" REPORT ";"},
    {"a part, and another report", "AT", NULL, NULL,
     "\r\n+CDS: 25\r\n0006010B914306103221F36\r\n+CDS: 25\r\n" REPORT "\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "", "+CDS: 25|0006010B914306103221F36;+CDS: 25|" REPORT ";"},
    {"a message that is read behind half a report", "AT+CMGR=3", NULL, NULL,
     "\r\n+CDS: 20\r\n+CMGR: 0,,20\r\n" MESSAGE "\r\nOK\r\n", 0, false, AT_RESULT_OK, 0,
     "+CMGR: 0,,20;" MESSAGE ";", ""},
    {"a message that is read within a report", "AT+CMGR=3", NULL, NULL,
     "\r\n+CDS: 25\r\n+CMGR: 0,,20\r\n" MESSAGE "\r\nOK\r\n" REPORT "\r\n", 0, false, AT_RESULT_OK,
     0, "+CMGR: 0,,20;" MESSAGE ";", "+CDS: 25|" REPORT ";"},
    /* gammu#91: OK first, and the lines behind it */
    {"a message behind its result", "AT+CMGR=3", NULL, NULL,
     "\r\nOK\r\n+CMGR: 0,,20\r\n" MESSAGE "\r\nOK\r\n", 0, false, AT_RESULT_OK, 0,
     "+CMGR: 0,,20;" MESSAGE ";", ""},
    {"a menu before the prompt", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n+CUSD: 1,\"Elija:\r\n> 1 Saldo\r\n> 2 \"A\"\r\nOK\r\nERROR\",15\r\n\r\n> "
     "\1\r\n+CMGS: 7\r\n\r\nOK\r\n",
     0, false, AT_RESULT_OK, 0, "+CMGS: 7;",
     "+CUSD: 1,\"Elija:;> 1 Saldo;> 2 \"A\";OK;ERROR\",15;"},
    {"a menu behind the pdu", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n> \1\r\n+CUSD: 1,\"\r\nERROR\r\n> 1\"\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "+CMGS: 7;", "+CUSD: 1,\";ERROR;> 1\";"},
    {"a quote too many", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n> \1\r\n+CUSD: 0,\"5\" o 6\",15\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0,
     "+CMGS: 7;", "+CUSD: 0,\"5\" o 6\",15;"},
    {"a text without its last quote", "AT+CMGS=9", "+CMGS:", "0011AA",
     "\r\n> \1\r\n+CUSD: 0,\"Saldo 5\r\n\r\n+CMGS: 7\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK, 0,
     "+CMGS: 7;", "+CUSD: 0,\"Saldo 5;"},
    /* a result said twice, errors in other words, echoes that are spoilt */
    {"a second result", "AT+CSQ", "+CSQ:", NULL, "\r\n+CSQ: 1,99\r\n\r\nOK\r\n\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "+CSQ: 1,99;", "OK;"},
    {"an error without its plus", "AT+CESQ", "+CESQ:", NULL, "\r\nCME Error: unknown\r\n", 0, false,
     AT_RESULT_ERROR, 100, "", ""}, /* warthog618/modem#17 */
    {"an error with a text", "AT+CESQ", "+CESQ:", NULL, "\r\nERROR: NOT SUPPORTED\r\n", 0, false,
     AT_RESULT_ERROR, 0, "", ""},
    {"the end of an echo", "AT+CGMI", NULL, NULL, "T+CGMI\r\r\nACME\r\n\r\nOK\r\n", 0, false,
     AT_RESULT_OK, 0, "ACME;", ""},
    {"a spoilt echo", "AT+CMGR=11", NULL, NULL, "\x02\x04+CMGR=11\r\r\n+CMS ERROR: 500\r\n", 0,
     false, AT_RESULT_ERROR, 500, "", ""}, /* pkot/gnokii#1 */
    {"noise at power-on", "AT", NULL, NULL, "\xff\xfe\x80OK\r\n", 0, false, AT_RESULT_OK, 0, "",
     ""}, /* TinyGSM#401 */
    {"noise alone", "AT+CGMI", NULL, NULL, "\xff\xfe\r\nACME\r\n\r\nOK\r\n", 0, false, AT_RESULT_OK,
     0, "ACME;", "?;"},
    {"refused before the prompt", "AT+CMGS=9", "+CMGS:", "0011AA", "\r\n+CMS ERROR: 304\r\n", 0,
     false, AT_RESULT_ERROR, 304, "", ""},
    {"refused after the pdu", "AT+CMGS=9", "+CMGS:", "0011AA", "\r\n> \1\r\n+CMS ERROR: 500\r\n", 0,
     false, AT_RESULT_ERROR, 500, "", ""},
};

static void play(const struct row *row, size_t chunk)
{
    struct scene scene;
    char payload[64];
    open_scene(&scene);
    start(&scene, row);
    for (const char *at = row->says; *at != '\0';) {
        if (*at == '\1') {
            (void)snprintf(payload, sizeof(payload), "%s\x1a", row->payload);
            heard(&scene, payload);
            at++;
            continue;
        }
        size_t len = strcspn(at, "\1");
        len = chunk > 0 && chunk < len ? chunk : len;
        say(&scene, at, len);
        at += len;
    }
    if (scene.replies != 1)
        print_error("row: %s (chunks of %zu)\n", row->name, chunk);
    assert_int_equal(scene.replies, 1);
    assert_int_equal(scene.result, row->result);
    assert_int_equal(scene.cause.code, row->code);
    assert_string_equal(scene.lines, row->lines);
    assert_string_equal(scene.events, row->events);
    assert_int_equal(scene.payload_sent, strchr(row->says, '\1') != NULL);
    assert_false(at_chat_is_busy(scene.chat));
    close_scene(&scene);
}

static void dialogues(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t chunk = 0; chunk < 4; chunk++)
            play(&rows[i], chunk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialogues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
