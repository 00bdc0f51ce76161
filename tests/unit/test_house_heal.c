/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A fault that follows work that went well gets one healing rung before a person is asked for; and
 * a restart that the maker's way refuses is done another way. The case numbers are those of the
 * public reports (kinds 2 and 3).
 */
#include "tests/unit/test_script_fixture.h"

static const char *const card_faults[] = {"+CME ERROR: 10", "+CME ERROR: 13",
                                          "+CPIN: SIM CRASH\nOK", "+CPIN: SIM REMOVED\nOK"};

static bool is_pdu(const char *command)
{
    return strcmp(command, SCRIPT_PDU) == 0;
}

static bool is_restart(const char *command)
{
    return strcmp(command, "AT+CFUN=1,1") == 0;
}

/* "ddd": count messages in this state. */
static const char *all_in(char state, size_t count)
{
    static char states[32];
    memset(states, state, count);
    states[count] = '\0';
    return states;
}

/* ---- 2a: every number "does not exist" ------------------------------------------------------- */

static struct {
    size_t first; /* from that PDU on it refuses everybody, until it is restarted */
    const char *cause;
} sick;

static const char *sick_until_restart(struct script *s, const char *command)
{
    s->flag = s->flag || is_restart(command);
    return is_pdu(command) && !s->flag && s->pdu_count >= sick.first ? sick.cause : NULL;
}

static void ask_person(struct script *s, int number)
{
    char nif[NIF_SIZE];
    house_person(number, nif, NULL);
    assert_ok(house_ask(s->house, nif, CLAVE));
}

static void enrol_people(struct script *s, int count)
{
    for (int i = 0; i < count; i++) {
        char nif[NIF_SIZE], phone[PHONE_SIZE];
        house_person(i, nif, phone);
        assert_ok(house_enrol(s->house, nif, phone));
    }
}

static void test_2a_nothing_is_thrown_away(void **state)
{
    static const struct {
        size_t first;
        int count;
        const char *cause;
    } rows[] = {{4, 12, "+CMS ERROR: 1"}, {1, 4, "+CMS ERROR: 21"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sick.first = rows[i].first;
        sick.cause = rows[i].cause;
        struct script *s = script_new(sick_until_restart);
        script_start_ready(s);
        enrol_people(s, rows[i].count);
        for (int n = 0; n < rows[i].count; n++) {
            ask_person(s, n);
            house_await(s->house,
                        house_status(s->line).counters.sent +
                                    house_status(s->line).counters.refused >
                                (unsigned long)n ||
                            house_climbed(s->house)[0] != '\0',
                        10 * SECOND);
        }
        house_await(s->house, house_is(s->house, all_in('t', (size_t)rows[i].count)), 30 * SECOND);
        assert_int_equal(script_count(s, "AT+CFUN=1,1"), 1);
        assert_true(house_has_evidence(s->house, "puede ser el módem"));
        script_free(s);
    }
}

/* A single refusal is enough. */
static void test_2a_a_number_that_was_good(void **state)
{
    (void)state;
    sick.first = 2;
    sick.cause = "+CMS ERROR: 28";
    struct script *s = script_new(sick_until_restart);
    script_start_ready(s);
    script_ask(s);
    house_await(s->house, house_is(s->house, "t"), 10 * SECOND);
    script_ask(s);
    house_await(s->house, house_status(s->line).counters.refused == 1, 10 * SECOND);
    house_live(s->house, 100);
    assert_string_equal(house_states(s->house), "tq");
    house_await(s->house, house_is(s->house, "tt"), 30 * SECOND);
    assert_string_equal(house_climbed(s->house), "reinicio");
}

static const char *refuse_every_pdu(struct script *s, const char *command)
{
    (void)s;
    return is_pdu(command) ? "+CMS ERROR: 1" : NULL;
}

/* The numbers are dead indeed: refused after the restart too, and no second restart. */
static void test_2a_believed_after_the_restart(void **state)
{
    struct script *s = script_new(refuse_every_pdu);
    (void)state;
    script_start_ready(s);
    enrol_people(s, 5);
    for (int n = 0; n < 5; n++)
        ask_person(s, n);
    house_await(s->house, house_is(s->house, "fffff"), 30 * SECOND);
    house_live(s->house, HOUR);
    assert_int_equal(script_count(s, "AT+CFUN=1,1"), 1);
    assert_in_range(s->pdu_count, 5, 10);
}

static void test_another_modem_takes_what_a_sick_one_refuses(void **state)
{
    struct house *h = house_new();
    (void)state;
    h->settings.limits = house_no_limits();
    for (int i = 0; i < 2; i++)
        house_add_modem(h, NULL);
    house_start(h);
    house_await(h, modem_is_ready(h->lines[0].modem) && modem_is_ready(h->lines[1].modem),
                10 * SECOND);
    for (int n = 0; n < 6; n++) { /* all the numbers are known to be good */
        char nif[NIF_SIZE], phone[PHONE_SIZE];
        house_person(n, nif, phone);
        assert_ok(house_enrol(h, nif, phone));
        assert_ok(house_ask(h, nif, CLAVE));
    }
    house_await(h, house_count_state(h, OUTBOX_DELIVERED) == 6, 10 * SECOND);
    house_fault(&h->lines[0], "cms:1*");
    for (int n = 0; n < 6; n++) {
        char nif[NIF_SIZE];
        house_person(n, nif, NULL);
        assert_ok(house_ask(h, nif, CLAVE));
    }
    house_await(h, house_count_state(h, OUTBOX_DELIVERED) == 12, 20 * SECOND);
    assert_int_equal(house_count_state(h, OUTBOX_FAILED), 0);
}

/* ---- 2b: it restarts by itself, again and again ---------------------------------------------- */

static void test_2b_one_that_restarts_time_and_again_lacks_supply(void **state)
{
    static const int registrations[] = {2, 1};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct script *s = script_new(NULL);
        s->creg = registrations[i];
        script_start(s);
        if (s->creg == 1)
            house_await(s->house, modem_is_ready(s->line->modem), 10 * SECOND);
        else
            house_live(s->house, 2 * SECOND);
        for (int n = 0; n < 4; n++) {
            static const char *const words[] = {"RDY", "+CPIN: READY", "SMS DONE"};
            for (size_t word = 0; word < 3; word++) {
                script_say(s, words[word]);
                house_live(s->house, 200);
            }
        }
        house_await(s->house, house_says(s->line, "alimenta"), 20 * SECOND);
        for (int n = 0; n < 20; n++) {
            assert_false(house_says(s->line, "antena"));
            house_live(s->house, 100);
        }
        assert_int_equal(house_count_log(s->house, "se reinicia solo"), 1);
        script_free(s);
    }
}

/* ---- 2c and its kind: the card, after it had worked ------------------------------------------ */

static const char *card_answer; /* to AT+CPIN? while the card is gone */

static const char *with_the_card_gone(struct script *s, const char *command)
{
    return strcmp(command, "AT+CPIN?") == 0 && s->flag ? card_answer : NULL;
}

/* A single restart is tried; then the card fell out, and no operator is sent for. */
static void test_2c_a_card_that_falls_out(void **state)
{
    static const struct {
        const char *event, *answer;
    } rows[] = {{"+CPIN: SIM CRASH", "+CPIN: SIM CRASH\nOK"},
                {"+CPIN: SIM REMOVED", "+CPIN: SIM REMOVED\nOK"},
                {"+CPIN: NOT INSERTED", "+CME ERROR: 10"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script *s = script_new(with_the_card_gone);
        card_answer = rows[i].answer;
        script_start_ready(s);
        s->flag = true;
        script_say(s, rows[i].event);
        house_await(s->house, house_says(s->line, "se ha soltado"), 20 * SECOND);
        assert_string_equal(house_status(s->line).state_token, "sim_falta");
        assert_false(house_says(s->line, "operador"));
        assert_string_equal(house_climbed(s->house), "reinicio");
        s->flag = false;
        script_say(s, "+CPIN: READY");
        house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
        script_free(s);
    }
}

static const char *healed_by_a_restart(struct script *s, const char *command)
{
    if (is_restart(command))
        s->flag = false;
    return with_the_card_gone(s, command);
}

static void test_a_card_that_a_restart_heals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(card_faults) / sizeof(card_faults[0]); i++) {
        struct script *s = script_new(healed_by_a_restart);
        card_answer = card_faults[i];
        script_start_ready(s);
        s->flag = true;
        script_say(s, "+CPIN: NOT READY");
        house_await(s->house, script_count(s, "AT+CFUN=1,1") == 1, 10 * SECOND);
        house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
        assert_true(house_has_evidence(s->house, "antes funcionaba"));
        assert_int_equal(house_count_log(s->house, "SIM falla"), 0);
        script_free(s);
    }
}

static void test_a_card_that_never_worked_gets_no_restart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(card_faults) / sizeof(card_faults[0]); i++) {
        struct script *s = script_new(with_the_card_gone);
        card_answer = card_faults[i];
        s->flag = true;
        script_start(s);
        house_await(s->house, house_says(s->line, "SIM"), 20 * SECOND);
        house_live(s->house, HOUR);
        assert_int_equal(script_count(s, "AT+CFUN=1,1"), 0);
        assert_string_equal(house_climbed(s->house), "");
        script_free(s);
    }
}

/* ---- the network and the sending, after they had worked -------------------------------------- */

static const char *registers_by_a_restart(struct script *s, const char *command)
{
    if (is_restart(command))
        s->creg = 1;
    return NULL;
}

static void test_a_network_that_refuses_a_card_that_it_took(void **state)
{
    struct script *s = script_new(registers_by_a_restart);
    (void)state;
    script_start_ready(s);
    s->creg = 3;
    script_say(s, "+CREG: 3");
    house_await(s->house, script_count(s, "AT+CFUN=1,1") == 1, 10 * SECOND);
    house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
    assert_true(house_has_evidence(s->house, "antes la admitía"));
}

static const char *sends_again_by_a_restart(struct script *s, const char *command)
{
    if (is_restart(command))
        s->flag = false;
    return is_pdu(command) && s->flag ? "+CMS ERROR: 310" : NULL;
}

static void test_a_modem_that_cannot_send_any_more(void **state)
{
    struct script *s = script_new(sends_again_by_a_restart);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    house_await(s->house, house_is(s->house, "t"), 10 * SECOND);
    s->flag = true;
    script_ask(s);
    house_await(s->house, script_count(s, "AT+CFUN=1,1") == 1, 10 * SECOND);
    house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
    house_await(s->house, house_is(s->house, "tt"), 25 * SECOND);
    assert_true(house_has_evidence(s->house, "antes enviaba"));
    assert_int_equal(house_count_log(s->house, "Revise la SIM"), 0);
}

/* ---- 3a: the way that the maker documents is refused ----------------------------------------- */

static const struct {
    const char *maker, *model;
    const char *ways[3]; /* all but the last are refused */
} restarts[] = {
    {"u-blox\nOK", "SARA-R412M-02B\nOK", {"AT+CFUN=16", "AT+CFUN=15"}},
    {"u-blox\nOK", "SARA-R410M-02B\nOK", {"AT+CFUN=16", "AT+CFUN=15", "AT+CFUN=1,1"}},
    {"huawei\nOK", "E3372\nOK", {"AT^RESET", "AT+CFUN=16", "AT+CFUN=1,1"}},
    {"Telit\nOK", "LE910C1-EU\nOK", {"AT#REBOOT", "AT+CFUN=1,1"}},
    {"Sierra Wireless, Incorporated\nOK", "MC7455\nOK", {"AT!RESET", "AT+CFUN=1,1"}},
};

static size_t count_ways(size_t row)
{
    return restarts[row].ways[2] != NULL ? 3 : 2;
}

static const char *refuse_its_way(struct script *s, const char *command)
{
    size_t row = (size_t)s->number;
    if (strcmp(command, "AT+CGMI") == 0)
        return restarts[row].maker;
    if (strcmp(command, "AT+CGMM") == 0)
        return restarts[row].model;
    for (size_t i = 0; i + 1 < count_ways(row); i++)
        if (strcmp(command, restarts[row].ways[i]) == 0)
            return "ERROR";
    return NULL;
}

/* The commands that were given to restart it, in order. */
static void assert_ways(const struct script *s, const char *const ways[], size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < s->command_count; i++) {
        bool is_way = false;
        for (size_t way = 0; way < count; way++)
            is_way = is_way || strcmp(s->commands[i], ways[way]) == 0;
        if (!is_way)
            continue;
        assert_true(found < count);
        assert_string_equal(s->commands[i], ways[found++]);
    }
    assert_int_equal(found, count);
}

static void test_3a_a_restart_that_is_refused_is_done_another_way(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof(restarts) / sizeof(restarts[0]); row++) {
        struct script *s = script_new(refuse_its_way);
        size_t count = count_ways(row);
        s->number = (int)row;
        script_start_ready(s);
        assert_ok(modem_restart(s->line->modem));
        house_await(s->house, script_count(s, restarts[row].ways[count - 1]) == 1,
                    (int64_t)(2 + 2 * (count - 1)) * SECOND);
        house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
        assert_string_equal(house_climbed(s->house), "reinicio");
        assert_ways(s, restarts[row].ways, count);
        script_ask(s);
        house_await(s->house, house_is(s->house, "t"), 10 * SECOND);
        script_free(s);
    }
}

static const char *refuse_every_way(struct script *s, const char *command)
{
    (void)s;
    if (strcmp(command, "AT+CGMI") == 0)
        return "u-blox\nOK";
    return strncmp(command, "AT+CFUN=1", 9) == 0 ? "ERROR" : NULL;
}

/* The rung fails only then, and the next one is taken. */
static void test_3a_a_modem_that_refuses_every_restart(void **state)
{
    static const char *const ways[] = {"AT+CFUN=16", "AT+CFUN=15", "AT+CFUN=1,1"};
    struct script *s = script_new(refuse_every_way);
    (void)state;
    script_start_ready(s);
    assert_ok(modem_restart(s->line->modem));
    house_await(s->house, strcmp(house_climbed(s->house), "reinicio reapertura") == 0, 10 * SECOND);
    house_await(s->house, modem_is_ready(s->line->modem), 20 * SECOND);
    assert_ways(s, ways, 3);
    assert_int_equal(script_count(s, "AT+CFUN="), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_2a_nothing_is_thrown_away),
        script_test(test_2a_a_number_that_was_good),
        script_test(test_2a_believed_after_the_restart),
        script_test(test_another_modem_takes_what_a_sick_one_refuses),
        script_test(test_2b_one_that_restarts_time_and_again_lacks_supply),
        script_test(test_2c_a_card_that_falls_out),
        script_test(test_a_card_that_a_restart_heals),
        script_test(test_a_card_that_never_worked_gets_no_restart),
        script_test(test_a_network_that_refuses_a_card_that_it_took),
        script_test(test_a_modem_that_cannot_send_any_more),
        script_test(test_3a_a_restart_that_is_refused_is_done_another_way),
        script_test(test_3a_a_modem_that_refuses_every_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
