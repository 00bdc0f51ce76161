/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The verdict on a modem in trouble, from the start and after it had worked: what it comes to, and
 * that it gets there without going back and forth. A technician reads it at three in the morning.
 */
#include "tests/unit/test_report_fixture.h"

#include "service/facts.h"

enum { LOOKS = 900, PEOPLE = 8, ASK_EVERY = 20, ANSWER_US = 30 * 1000 };

static const struct trouble {
    const char *name;
    struct said says[SAYS];
    const char *event;   /* by which it begins after work; NULL = without a word */
    const char *reason;  /* of the verdict in the end; "" = all is well */
    unsigned most;       /* changes of the verdict after work, the healing rung among them */
    bool is_of_messages; /* shows when messages are asked for, after work alone */
} troubles[] = {
    {"no card",
     {{"AT+CPIN?", "+CME ERROR: 10", NULL, 0}},
     "+CPIN: NOT INSERTED",
     "sim_falta",
     2,
     false},
    {"PUK", {{"AT+CPIN?", "+CPIN: SIM PUK\nOK", NULL, 0}}, "+CPIN: SIM PUK", "sim_puk", 1, false},
    {"PIN", {{"AT+CPIN?", "+CPIN: SIM PIN\nOK", NULL, 0}}, "+CPIN: SIM PIN", "pin_falta", 1, false},
    {"a card that fails",
     {{"AT+CPIN?", "+CME ERROR: 13", NULL, 0}},
     "+CPIN: NOT READY",
     "sim_averiada",
     2,
     false},
    {"a card that says nothing",
     {{"AT+CPIN?", "ERROR", NULL, 0}},
     "+CPIN: NOT READY",
     "no_sirve",
     4,
     false},
    {"a card that is busy",
     {{"AT+CPIN?", "+CME ERROR: 14", NULL, 0}},
     "+CPIN: NOT READY",
     "no_sirve",
     4,
     false},
    {"a lock",
     {{"AT+CPIN?", "+CPIN: PH-NET PIN\nOK", NULL, 0}},
     "+CPIN: NOT READY",
     "sim_bloqueada",
     2,
     false},
    {"denied", {NOT_HERE("3", NULL)}, "+CREG: 3", "red_rechaza", 3, false},
    {"denied by one network, sought by others",
     {{"AT+CREG?", "+CREG: 2,3\nOK", NULL, 0},
      {"AT+CGREG?", "+CGREG: 2,2\nOK", NULL, 0},
      {"AT+CEREG?", "+CEREG: 2,2\nOK", NULL, 0}},
     "+CREG: 3",
     "red_rechaza",
     3,
     false},
    {"emergency calls", {NOT_HERE("11", NULL)}, "+CREG: 11", "red_rechaza", 3, false},
    {"the radio stays off",
     {{"AT+CFUN?", "+CFUN: 0\nOK", NULL, 0}, {"AT+CFUN=1", "ERROR", NULL, 0}, NOT_HERE("0", NULL)},
     "+CREG: 0",
     "no_sirve",
     3,
     false},
    {"it refuses the mode", {{"AT+CMGF=0", "ERROR", NULL, 0}}, "RDY", "no_sirve", 4, false},
    {"nRF91, which has no prompt",
     {{"AT+CGMI", "Nordic Semiconductor ASA\nOK", NULL, 0},
      {"AT+CGMM", "nRF9160-SICA\nOK", NULL, 0}},
     "RDY",
     "no_sirve",
     4,
     false},
    {"OK and nothing else", {{"AT", "OK", NULL, 0}}, "RDY", "no_sirve", 4, false},
    {"silence", {{"AT", "", NULL, 0}}, NULL, "alarma", 3, false},
    {"no credit", {{SCRIPT_PDU, "+CMS ERROR: 38", NULL, 0}}, NULL, "sim_bloqueada", 4, true},
    {"no SMS in the contract",
     {{SCRIPT_PDU, "+CMS ERROR: 50", NULL, 0}},
     NULL,
     "sim_bloqueada",
     4,
     true},
    {"nobody's numbers", {{SCRIPT_PDU, "+CMS ERROR: 1", NULL, 0}}, NULL, "", 3, true},
    {"no centre", {{SCRIPT_PDU, "+CMS ERROR: 330", NULL, 0}}, NULL, "sin_centro", 4, true},
    {"no prompt", {{"AT+CMGS=", "", NULL, 0}}, NULL, "no_sirve", 6, true},
    {"no outcome", {{SCRIPT_PDU, "", NULL, 0}}, NULL, "inciertos", 3, true},
    {"OK and no outcome", {{SCRIPT_PDU, "OK", NULL, 0}}, NULL, "inciertos", 1, true},
    {"no outcome of the network",
     {{SCRIPT_PDU, "+CMS ERROR: 350", NULL, 0}},
     NULL,
     "sim_bloqueada",
     3,
     true},
};

static bool has_begun;

static const char *answer_in_trouble(struct script *s, const char *command)
{
    return has_begun ? answer_as_reported(s, command) : NULL;
}

static const char *verdict_now(struct script *s)
{
    static struct facts facts;
    static struct verdict verdict;
    facts_collect(&s->house->service, true, &facts);
    verdict_judge(&facts.told, &verdict);
    return verdict_reason_token(verdict.first.reason);
}

static void ask_person(struct script *s, int number)
{
    char nif[NIF_SIZE], phone[PHONE_SIZE];
    house_person(number, nif, phone);
    assert_ok(house_enrol(s->house, nif, phone));
    assert_ok(house_ask(s->house, nif, CLAVE));
}

/* Lives through a quarter of an hour; returns the changes of the verdict. */
static unsigned count_changes(struct script *s, bool is_of_messages, const char **ret_last)
{
    unsigned changes = 0;
    *ret_last = NULL;
    for (int n = 0; n < LOOKS; n++) {
        if (is_of_messages && n % ASK_EVERY == 0 && n / ASK_EVERY < PEOPLE)
            ask_person(s, n / ASK_EVERY);
        house_live(s->house, SECOND);
        const char *token = verdict_now(s);
        changes += *ret_last != NULL && strcmp(*ret_last, token) != 0;
        *ret_last = token;
    }
    return changes;
}

static struct script *script_in_trouble(const struct trouble *trouble, bool is_late,
                                        int64_t answer_us)
{
    (void)script_saying(trouble->says);
    struct script *s = script_now;
    s->hook = answer_in_trouble;
    s->delay_us = answer_us;
    has_begun = !is_late;
    script_start(s);
    s->house->service.pool = s->house->pool;
    if (!is_late)
        return s;
    house_live(s->house, 10 * SECOND);
    script_ask(s);
    house_live(s->house, 5 * SECOND);
    script_report(s, 1);
    house_live(s->house, MINUTE);
    has_begun = true;
    if (trouble->event != NULL)
        script_say(s, trouble->event);
    return s;
}

/* Changes that show only where each answer takes ANSWER_US, as a look falls on the way. */
static unsigned count_seen(const struct trouble *trouble, int64_t answer_us)
{
    static const struct {
        const char *name;
        unsigned more;
    } rows[] = {{"it refuses the mode", 2}, {"no outcome of the network", 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (answer_us > 0 && strcmp(trouble->name, rows[i].name) == 0)
            return rows[i].more;
    return 0;
}

static void check_trouble(const struct trouble *trouble, bool is_late, int64_t answer_us)
{
    const char *last = NULL;
    struct script *s = script_in_trouble(trouble, is_late, answer_us);
    unsigned changes = count_changes(s, trouble->is_of_messages, &last);
    if (strcmp(last, trouble->reason) != 0 ||
        changes > trouble->most + count_seen(trouble, answer_us))
        fail_msg("%s, late %d: %s, %u changes, %s", trouble->name, is_late, last, changes,
                 house_status(s->line).detail);
    script_free(s);
}

/* Of a modem that answers at once, and of one that takes its time: the house is seen on its way. */
static void test_what_it_comes_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
        for (int is_late = troubles[i].is_of_messages; is_late <= 1; is_late++) {
            check_trouble(&troubles[i], is_late, 0);
            check_trouble(&troubles[i], is_late, ANSWER_US);
        }
    }
}

/* Five numbers in a row, by the network's word: fewer may be a bad list. */
static void test_how_many_refused_numbers_are_the_cards(void **state)
{
    static const struct trouble barred = {.name = "",
                                          .says = {{SCRIPT_PDU, "+CMS ERROR: 50", NULL, 0}}};
    struct script *s = script_in_trouble(&barred, true, ANSWER_US);
    (void)state;
    for (int n = 0; n < 10; n++) {
        has_begun = n != 4; /* one goes, and they are counted anew */
        ask_person(s, n);
        house_live(s->house, MINUTE);
        bool is_blamed = strcmp(verdict_now(s), "sim_bloqueada") == 0;
        assert_int_equal(is_blamed, n == 9);
    }
}

/* A cable or a supply that drops the modem each minute: told as that, and not each time anew. */
static void check_drops(int64_t answer_us, unsigned most)
{
    static const struct trouble none = {.name = ""};
    struct script *s = script_in_trouble(&none, true, answer_us);
    unsigned changes = 0;
    const char *last = "";
    for (int n = 0; n < LOOKS; n++) {
        if (n % 60 == 30)
            script_leave(s);
        s->is_gone = s->is_gone && n % 60 != 38;
        house_live(s->house, SECOND);
        changes += strcmp(last, verdict_now(s)) != 0;
        last = verdict_now(s);
    }
    assert_string_equal(last, "desconexiones");
    assert_true(changes <= most); /* until five of them prove it */
    script_free(s);
}

static void test_a_line_that_drops_each_minute(void **state)
{
    (void)state;
    check_drops(0, 12);
    check_drops(ANSWER_US, 13);
}

/* A card that is barred, on a line that drops each minute: that nothing goes is not told as a bad
 * cable, with which messages go in between. */
static void test_a_barred_card_on_a_line_that_drops(void **state)
{
    static const struct trouble barred = {.name = "",
                                          .says = {{SCRIPT_PDU, "+CMS ERROR: 50", NULL, 0}}};
    struct script *s = script_in_trouble(&barred, true, ANSWER_US);
    const char *last = "";
    (void)state;
    (void)count_changes(s, true, &last);
    assert_string_equal(last, "sim_bloqueada");
    for (int n = 0; n < LOOKS; n++) {
        if (n % 60 == 30)
            script_leave(s);
        s->is_gone = s->is_gone && n % 60 < 40;
        house_live(s->house, SECOND);
        if (n > 5 * 60 && strcmp(verdict_now(s), "sim_bloqueada") != 0)
            fail_msg("%d s: %s", n, verdict_now(s));
    }
}

/* Out for a second: what was said of its cable is not told of a modem that is there and starts. */
static void test_out_for_a_second(void **state)
{
    static const struct trouble none = {.name = ""};
    struct script *s = script_in_trouble(&none, true, 100 * 1000);
    unsigned looks_on_the_way = 0;
    (void)state;
    script_leave(s);
    house_live(s->house, SECOND);
    assert_string_equal(verdict_now(s), "desenchufado");
    s->is_gone = false;
    for (int n = 0; n < 100; n++) {
        house_live(s->house, SECOND / 10);
        enum modem_state is = house_status(s->line).state;
        looks_on_the_way += is > MODEM_OPENING && is < MODEM_READY;
        if (strcmp(verdict_now(s), "aviso_modem") == 0)
            fail_msg("%d: %s", n, house_status(s->line).detail);
    }
    assert_true(looks_on_the_way > 5);
    assert_string_equal(verdict_now(s), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_what_it_comes_to),
        script_test(test_how_many_refused_numbers_are_the_cards),
        script_test(test_a_line_that_drops_each_minute),
        script_test(test_a_barred_card_on_a_line_that_drops),
        script_test(test_out_for_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
