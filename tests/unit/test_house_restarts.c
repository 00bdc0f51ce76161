/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A modem that starts anew by itself in each state of its start and of its work: its settings and
 * the PIN are lost, and are given again; then messages go. Each command is cut once by the words of
 * the start, in the ways of several makers.
 */
#include "tests/unit/test_script_fixture.h"

#include "service/receive.h"

static struct {
    const char *trigger; /* the first command that begins so gets the words for an answer */
    int skip;            /* times that it is answered before */
    const char *words;
    size_t at; /* commands given until then; 0 = not yet */
} cut;

/* The words, or what a good modem with a message at place 3 says. */
static const char *start_anew(struct script *s, const char *command)
{
    bool is_cut =
        cut.at == 0 && strncmp(command, cut.trigger, strlen(cut.trigger)) == 0 && cut.skip-- == 0;
    if (is_cut) {
        cut.at = s->command_count;
        s->sim = "SIM PIN";
        s->is_prompting = false;
        return cut.words;
    }
    if (strcmp(command, "AT+CMGR=3") == 0)
        return "+CMGR: 0,,24\n00040581227700006210100000000005F4329EFE06\nOK";
    return strncmp(command, "AT+CUSD=1", 9) == 0 ? "OK\n+CUSD: 0,\"Saldo 5\",15" : NULL;
}

static size_t count_behind(const struct script *s, const char *command)
{
    size_t count = 0;
    for (size_t i = cut.at; i < s->command_count; i++)
        count += strncmp(s->commands[i], command, strlen(command)) == 0;
    return count;
}

static struct script *script_cut_at(const char *trigger, int skip, const char *words)
{
    cut.trigger = trigger;
    cut.skip = skip;
    cut.words = words;
    cut.at = 0;
    struct script *s = script_new(start_anew);
    s->house->settings.report_window_ms = MINUTE;
    s->line->config.final_ms = (int)(30 * SECOND);
    s->line->config.ussd = "*134#";
    s->line->config.pin = s->pin = "7391";
    s->sim = "SIM PIN";
    return s;
}

static void do_work(struct script *s)
{
    house_live(s->house, 5 * SECOND);
    script_ask(s);
    house_live(s->house, 5 * SECOND);
    script_say(s, "+CMTI: \"SM\",3");
    assert_ok(turn_enter(s->house->service.turn));
    enum cc_err err =
        receive_ask_balance(&s->house->service, s->line->modem, house_now_ms(s->house));
    turn_leave(s->house->service.turn, true);
    assert_true(err == CC_OK || err == CC_ERR_MODEM_NOT_READY);
    house_live(s->house, 3 * MINUTE);
}

static const struct {
    const char *trigger;
    int skip;
} triggers[] = {
    {"ATE0V1", 0},    {"AT+CGMI", 0},  {"AT+CGSN", 0},   {"AT+CPIN?", 0},  {"AT+CPINR", 0},
    {"AT+CRSM", 0},   {"AT+CPIN=", 0}, {"AT+CPIN?", 1},  {"AT+CMGF=0", 0}, {"AT+CPMS=\"SM\"", 0},
    {"AT+CNMI=", 0},  {"AT+CSCS?", 0}, {"AT+CREG=2", 0}, {"AT+CREG?", 0},  {"AT+CSQ", 0},
    {"AT+CMGS=", 0},  {SCRIPT_PDU, 0}, {"AT+CMGL=4", 0}, {"AT+CMGR=3", 0}, {"AT+CMGD=3", 0},
    {"AT+CUSD=1", 0}, {"AT+COPS?", 0}, {"AT+CCLK?", 0},  {"AT+CPMS?", 0},  {"AT+CREG?", 2},
};

static const char *const words[] = {
    "RDY\n+CFUN: 1\n+CPIN: SIM PIN", /* SIM800 */
    "^SYSSTART",                     /* Cinterion */
    "*ATREADY: 1\n+CPIN: SIM PIN",   /* A7670 */
    "Call Ready\nSMS Ready",
    "SMS DONE",
};

static void test_a_restart_in_every_state(void **state)
{
    unsigned failures = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++) {
        for (size_t n = 0; n < sizeof(words) / sizeof(words[0]); n++) {
            struct script *s = script_cut_at(triggers[i].trigger, triggers[i].skip, words[n]);
            script_start(s);
            do_work(s);
            bool is_cut = cut.at > 0;
            if (!is_cut || !modem_is_ready(s->line->modem) || !house_is(s->house, "t") ||
                count_behind(s, "AT+CPIN=") != 1 || count_behind(s, "AT+CMGF=0") == 0 ||
                count_behind(s, "AT+CNMI=") == 0 || house_climbed(s->house)[0] != '\0') {
                print_error("%s/%d by %.9s: cut %d, %s, %s, %s, %zu PINs, rungs %s\n",
                            triggers[i].trigger, triggers[i].skip, words[n], is_cut,
                            house_status(s->line).state_token, house_status(s->line).detail,
                            house_states(s->house), count_behind(s, "AT+CPIN="),
                            house_climbed(s->house));
                failures++;
            }
            script_free(s);
        }
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_a_restart_in_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
