/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whole sessions with answers, reports and messages written otherwise than the standard does: line
 * ends, blanks, quotes, missing fields, two lines in one, events inside. Each is a good modem but
 * for that, and a citizen and a technician must not notice it.
 */
#include "tests/unit/test_report_fixture.h"

#include "service/receive.h"
#include "store/balance.h"

#define MESSAGE "00040581227700006210100000000005F4329EFE06"
#define REPORT                                                                                     \
    "0006010B914306103221F3621122210000006211222100000000" /* of reference 1, to PHONE             \
                                                            */

static const struct makers_way {
    const char *name;
    struct said says[SAYS];
    const char *report, *inbound; /* NULL = +CDS, +CMTI */
    const char *balance;          /* the answer to the code; NULL = the standard's */
    const char *ends, *prompt;    /* of lines, and for the PDU; NULL = the standard's */
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
    {"a report in quotes", .report = "+CDS: 25\n\"" REPORT "\""},
    {"a report between blanks", .report = "+CDS: 25\n " REPORT " "},
    {"a report on one line", .report = "+CDS: 25," REPORT},
    {"the same with a blank", .report = "+CDS: 25 " REPORT},
    {"an event within a report", .report = "+CDS: 25\n+CREG: 1\n" REPORT},
    {"a blank line within a report", .report = "+CDS: 25\n\n" REPORT},
    {"a length that is wrong", .report = "+CDS: 99\n" REPORT},
    {"a number in quotes", .says = {{"AT+CMGR=3", "+CMGR: 0,,25\n" REPORT "\nOK", "AT+CMGD=3", 0}},
     .report = "+CDSI: \"SM\",\"3\""},
    /* messages */
    {"a message on one line", .inbound = "+CMT: ,20," MESSAGE},
    {"a message within its number", .inbound = "+CMT: \"+34600999888\",,20\n" MESSAGE},
    {"a place alone", .says = {{"AT+CMGL=4", "+CMGL: 3,0,,20\n" MESSAGE "\nOK", "AT+CMGD=3", 1}},
     .inbound = "+CMTI: 3"},
    {"a message without its header", .says = {{"AT+CMGR=3", MESSAGE "\nOK", "AT+CMGD=3", 0}}},
    {"a message behind its header",
     .says = {{"AT+CMGR=3", "+CMGR: 0,,20 " MESSAGE "\nOK", "AT+CMGD=3", 0}}},
    {"a message that counts as a draft",
     .says = {{"AT+CMGR=3", "+CMGR: 3,,20\n" MESSAGE "\nOK", "AT+CMGD=3", 0}}},
    /* balances */
    {"a text with line ends around", .balance = "OK\n+CUSD: 0,\"\nSaldo 5\n\",15"},
    {"a text filled up", .balance = "OK\n+CUSD: 0,\"Saldo 5  \r\",15"},
    {"an answer without a text before it", .balance = "OK\n+CUSD: 0\n+CUSD: 0,\"Saldo 5\",15"},
    {"an end of the session before it", .balance = "OK\n+CUSD: 2\n+CUSD: 0,\"Saldo 5\",15"},
};

static const struct makers_way *way;
static bool has_message;

static const char *answer_in_its_way(struct script *s, const char *command)
{
    const char *answer = answer_as_reported(s, command);
    if (answer != NULL)
        return answer;
    if (begins(command, "AT+CMGR="))
        return has_message ? "+CMGR: 0,,20\n" MESSAGE "\nOK" : "OK";
    if (begins(command, "AT+CMGD="))
        has_message = false;
    if (begins(command, "AT+CUSD=1"))
        return way->balance != NULL ? way->balance : "OK\n+CUSD: 0,\"Saldo 5\",15";
    return NULL;
}

static bool has_balance(struct script *s)
{
    struct balance told;
    assert_ok(turn_enter(s->house->service.turn));
    assert_ok(receive_ask_balance(&s->house->service, s->line->modem, house_now_ms(s->house)));
    turn_leave(s->house->service.turn, true);
    house_live(s->house, MINUTE);
    assert_ok(balance_get(s->house->service.store, s->line->config.name, &told));
    return strcmp(told.text, "Saldo 5") == 0;
}

static bool is_calm(struct script *s)
{
    return house_status(s->line).detail[0] == '\0' && house_rungs(s->house)[0] == '\0' &&
           house_count_log(s->house, "perdido sus ajustes") == 0 &&
           house_count_log(s->house, "sentido") == 0;
}

static struct script *script_in_its_way(const struct makers_way *of)
{
    way = of;
    has_message = false;
    struct script *s = script_saying(of->says);
    s->hook = answer_in_its_way;
    s->ends = of->ends;
    s->prompt = of->prompt;
    s->line->config.ussd = "*134#";
    return s;
}

static void test_ways_of_makers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct script *s = script_in_its_way(&ways[i]);
        script_start(s);
        house_live(s->house, 20 * SECOND);
        script_ask(s);
        house_live(s->house, 8 * SECOND);
        bool is_sent = house_is(s->house, "t");
        script_say(s, way->report != NULL ? way->report : "+CDS: 25\n" REPORT);
        house_live(s->house, 8 * SECOND);
        has_message = true;
        script_say(s, way->inbound != NULL ? way->inbound : "+CMTI: \"SM\",3");
        house_live(s->house, 10 * SECOND);
        int64_t came = house_query(s->house, "SELECT count(*) FROM inbox");
        bool is_told = modem_is_ready(s->line->modem) && has_balance(s);
        house_live(s->house, 15 * MINUTE);
        if (!is_sent || !house_is(s->house, "d") || s->pdu_count != 1 || came != 1 || !is_told ||
            !is_calm(s))
            fail_msg("%s: sent %d, %s, %zu PDUs, %d came, balance %d, %s, %s", way->name, is_sent,
                     house_states(s->house), s->pdu_count, (int)came, is_told,
                     house_status(s->line).detail, house_rungs(s->house));
        script_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {script_test(test_ways_of_makers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
