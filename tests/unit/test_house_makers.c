/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whole sessions with answers, reports and messages written otherwise than the standard does: line
 * ends, blanks, quotes, missing fields, two lines in one, events inside. Each is a good modem but
 * for that, and a citizen and a technician must not notice it.
 */
#include "tests/unit/test_session_fixture.h"

#define REPORT_HEAD "0006010B914306103221F362112221000000"
#define REPORT_TAIL "6211222100000000"
#define MESSAGE_HEAD "0004058122770000621010"
#define MESSAGE_TAIL "0000000005F4329EFE06"

static const struct makers_way {
    const char *name;
    struct said says[SAYS];
    struct session_ways ways;
    const char *ends, *prompt; /* of lines, and for the PDU; NULL = the standard's */
} ways[] = {
    {"lines that end in CR alone", .ends = "\r"},
    {"lines that end in LF alone", .ends = "\n"},
    {"lines that end in LF CR", .ends = "\n\r"},
    {"blanks before the line end", .ends = " \r\n"},
    {"a tab before the line end", .ends = "\t\r\n"},
    {"a prompt without a blank", .prompt = ">"},
    {"a prompt on a line", .prompt = "\r\n> \r\n"},
    {"a prompt behind the echo", .prompt = "AT+CMGS=30\r> "},
    {"small letters",
     .says = {{"AT+CREG?", "+creg: 2,1\nok", NULL, 0}, {SCRIPT_PDU, "+cmgs: 1\nok", NULL, 0}}},
    {"a card that says it longer", .says = {{"AT+CPIN?", "+CPIN: SIM READY\nOK", NULL, 0}}},
    {"a card that says it otherwise", .says = {{"AT+CPIN?", "+CPIN: PIN READY\nOK", NULL, 0}}},
    {"gammu#91: OK before the lines of others",
     .says = {{"AT+CPIN?", "OK\n+CPIN: READY", NULL, 0},
              {"AT+CREG?", "OK\n+CREG: 2,1", NULL, 0},
              {"AT+CSCA?", "OK\n+CSCA: \"+34609090909\",145", NULL, 0}}},
    {"no word of a clock", .says = {{"AT+CCLK?", "+CCLK: \"\"\nOK", NULL, 0}}},
    {"no word of LTE in the signal", .says = {{"AT+CESQ", "+CESQ: 40,0,255,255\nOK", NULL, 0}}},
    {"a centre with the card's filler",
     .says = {{"AT+CSCA?", "+CSCA: \"+34609090909F\",145\nOK", NULL, 0}}},
    /* what is said of a message that was sent */
    {"a reference and its OK in one", .says = {{SCRIPT_PDU, "+CMGS: 1OK", NULL, 0}}},
    {"the same with a blank", .says = {{SCRIPT_PDU, "+CMGS: 1 OK", NULL, 0}}},
    {"gammu#91: OK before what it is about", .says = {{SCRIPT_PDU, "OK\n+CMGS: 1", NULL, 0}}},
    {"events around the reference",
     .says = {{SCRIPT_PDU, "+CMTI: \"SM\",9\n+CMGS: 1\n+CREG: 1\nOK", NULL, 0}}},
    {"RP-ACK on a line", .says = {{SCRIPT_PDU, "+CMGS: 1\n0107\nOK", NULL, 0}}},
    /* reports */
    {"a report in quotes", .ways.report = "+CDS: 25\n\"" REPORT "\""},
    {"a report between blanks", .ways.report = "+CDS: 25\n " REPORT " "},
    {"a report on one line", .ways.report = "+CDS: 25," REPORT},
    {"the same with a blank", .ways.report = "+CDS: 25 " REPORT},
    {"an event within a report", .ways.report = "+CDS: 25\n+CREG: 1\n" REPORT},
    {"a blank line within a report", .ways.report = "+CDS: 25\n\n" REPORT},
    {"a length that is wrong", .ways.report = "+CDS: 99\n" REPORT},
    {"a result within a report", .ways.report = "+CDS: 25\nOK\n" REPORT},
    {"an echo and a result within a report", .ways.report = "+CDS: 25\nAT+CSQ\nOK\n" REPORT},
    {"a report in two lines", .ways.report = "+CDS: 25\n" REPORT_HEAD "\n" REPORT_TAIL},
    {"a report parted within an octet",
     .ways.report = "+CDS: 25\n" REPORT_HEAD "6\n211222100000000"},
    {"a report whose last octet comes apart",
     .ways.report = "+CDS: 25\n" REPORT_HEAD "62112221000000\n00"},
    {"a result between the parts of a report",
     .ways.report = "+CDS: 25\n" REPORT_HEAD "\nOK\n" REPORT_TAIL},
    {"a report in two lines, kept",
     .says = {{"AT+CMGR=3", "+CMGR: 0,,25\n" REPORT_HEAD "\n" REPORT_TAIL "\nOK", "AT+CMGD=3", 0}},
     .ways.report = "+CDSI: \"SM\",3"},
    {"a number in quotes", .says = {{"AT+CMGR=3", "+CMGR: 0,,25\n" REPORT "\nOK", "AT+CMGD=3", 0}},
     .ways.report = "+CDSI: \"SM\",\"3\""},
    /* messages */
    {"a message on one line", .ways.inbound = "+CMT: ,20," MESSAGE},
    {"a message within its number", .ways.inbound = "+CMT: \"+34600999888\",,20\n" MESSAGE},
    {"a place alone", .says = {{"AT+CMGL=4", "+CMGL: 3,0,,20\n" MESSAGE "\nOK", "AT+CMGD=3", 1}},
     .ways.inbound = "+CMTI: 3"},
    {"a memory alone", .says = {{"AT+CMGL=4", "+CMGL: 3,0,,20\n" MESSAGE "\nOK", "AT+CMGD=3", 1}},
     .ways.inbound = "+CMTI: \"SM\""},
    {"a message in two lines",
     .says = {{"AT+CMGR=3", "+CMGR: 0,,20\n" MESSAGE_HEAD "\n" MESSAGE_TAIL "\nOK", "AT+CMGD=3",
               0}}},
    {"a message in two lines, at once",
     .ways.inbound = "+CMT: ,20\n" MESSAGE_HEAD "\n" MESSAGE_TAIL},
    {"gammu#91: OK before a message",
     .says = {{"AT+CMGR=3", "OK\n+CMGR: 0,,20\n" MESSAGE, "AT+CMGD=3", 0}}},
    {"gammu#91: OK before a list, and before its message",
     .says = {{"AT+CMGR=3", "OK\n+CMGR: 0,,20\n" MESSAGE, "AT+CMGD=3", 0},
              {"AT+CMGL=4", "OK\n+CMGL: 3,0,,20\n" MESSAGE, "AT+CMGD=3", 1}},
     .ways.inbound = "+CMTI: 3"},
    {"gammu#91: OK before a report",
     .says = {{"AT+CMGR=3", "OK\n+CMGR: 0,,25\n" REPORT, "AT+CMGD=3", 0}},
     .ways.report = "+CDSI: \"SM\",3"},
    {"a message without its header", .says = {{"AT+CMGR=3", MESSAGE "\nOK", "AT+CMGD=3", 0}}},
    {"a message behind its header",
     .says = {{"AT+CMGR=3", "+CMGR: 0,,20 " MESSAGE "\nOK", "AT+CMGD=3", 0}}},
    {"a message that counts as a draft",
     .says = {{"AT+CMGR=3", "+CMGR: 3,,20\n" MESSAGE "\nOK", "AT+CMGD=3", 0}}},
    /* balances */
    {"a text with line ends around", .ways.balance = "OK\n+CUSD: 0,\"\nSaldo 5\n\",15"},
    {"a text filled up", .ways.balance = "OK\n+CUSD: 0,\"Saldo 5  \r\",15"},
    {"an answer without a text before it", .ways.balance = "OK\n+CUSD: 0\n+CUSD: 0,\"Saldo 5\",15"},
    {"an end of the session before it", .ways.balance = "OK\n+CUSD: 2\n+CUSD: 0,\"Saldo 5\",15"},
};

static bool is_calm(const struct script *s)
{
    return house_count_log(s->house, "perdido sus ajustes") == 0 &&
           house_count_log(s->house, "sentido") == 0;
}

static void test_ways_of_makers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct script *s = session_script(ways[i].says, &ways[i].ways);
        s->ends = ways[i].ends;
        s->prompt = ways[i].prompt;
        script_start(s);
        house_live(s->house, 20 * SECOND);
        session_live(s, ways[i].name, is_calm);
        script_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {script_test(test_ways_of_makers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
