/* SPDX-License-Identifier: EUPL-1.2 */
/* Cards and modems with a mind of their own: PIN, counter, number and state of a SIM, in each
 * family's words. The real daemon with a PIN, its restarts and its pages: system/110. */
#include "tests/unit/test_script_fixture.h"

#include "api/estado.h"
#include "service/health.h"

#define PIN "7391"
#define WRONG "1234"
#define ICCID "8934001234567890127"
#define CUT_ICCID "893400123456789012" /* as cards are printed, without the last digit */
#define READ "AT+CRSM=176,12258,0,0,10"
#define CARD "+CRSM: 144,0,\"984300214365870921F7\"\nOK"
#define NO_NUMBER "+CRSM: 106,130\nOK"

/* How each family tells the tries that are left: the command, and its line with another number in
 * each other place. */
static const struct {
    const char *command, *before, *behind;
} counters[] = {
    {"AT+CPINR", "+CPINR: SIM PIN,", ""},
    {"AT+CPINR", "+CPINR: \"SIM PIN\",", ",3"},
    {"AT+QPINC?", "+QPINC: \"SC\",", ",10"},
    {"AT^CPIN?", "^CPIN: SIM PIN,9,10,", ",8,7"},
    {"AT+SPIC", "+SPIC: ", ",10,9,8"},
    {"AT+ZPINPUK=?", "+ZPINPUK: ", ",10"},
    {"AT#PCT", "#PCT: ", ""},
    {"AT+UPINCNT", "+UPINCNT: ", ",9,10,8"},
    {"AT+CPINC?", "+CPINC: ", ",9,10,8"},
    {"AT^SPIC", "^SPIC: ", ""},
    {"AT+XPINCNT", "+XPINCNT: ", ",9,10,8"},
    {"AT+CPNNUM", "PIN1=", "; PUK1=10; PIN2=9; PUK2=8"},
};

enum { COUNTERS = sizeof(counters) / sizeof(counters[0]), WAIT_MS = 30000 };

static const char *const numbers[] = {READ, "AT+CCID", "AT+QCCID", "AT+CICCID", "AT^ICCID?", NULL};

/* What is answered otherwise than by a good modem: so, or with ERROR. */
static struct {
    const char *command, *lines; /* NULL = none */
    const char *const *refused;  /* behind the last: NULL */
} told;

static bool is_in(const char *const *commands, const char *command)
{
    for (; commands != NULL && *commands != NULL; commands++)
        if (strcmp(*commands, command) == 0)
            return true;
    return false;
}

static bool is_counter(const char *command)
{
    for (size_t i = 0; i < COUNTERS; i++)
        if (strcmp(counters[i].command, command) == 0)
            return true;
    return false;
}

static const char *answer_told(struct script *s, const char *command)
{
    (void)s;
    if (told.command != NULL && strcmp(command, told.command) == 0)
        return told.lines;
    return is_in(told.refused, command) ? "ERROR" : NULL;
}

static const char *refuse_counters(struct script *s, const char *command)
{
    const char *lines = answer_told(s, command);
    return lines != NULL || !is_counter(command) ? lines : "ERROR";
}

static struct script *script_telling(const char *command, const char *lines,
                                     const char *const *refused)
{
    told.command = command;
    told.lines = lines;
    told.refused = refused;
    return script_new(answer_told);
}

/* A card that asks for PIN, a configuration with `pin`, and no counter but that of `command`. */
static struct script *script_locked(const char *command, const char *lines, const char *pin,
                                    bool is_forced)
{
    struct script *s = script_telling(command, lines, NULL);
    s->hook = refuse_counters;
    s->sim = "SIM PIN";
    s->pin = PIN;
    s->line->config.pin = pin;
    s->line->config.force_pin = is_forced;
    return s;
}

static void start(struct script *s)
{
    script_start(s);
    s->house->service.pool = s->house->pool;
}

static void await_ready(struct script *s)
{
    house_await(s->house, health_check_ready(&s->house->service) == CC_OK, WAIT_MS);
}

static void start_ready(struct script *s)
{
    start(s);
    await_ready(s);
}

static void await_blocked(struct script *s, const char *state, const char *words)
{
    house_await(s->house,
                strcmp(house_status(s->line).state_token, state) == 0 &&
                    house_status(s->line).detail[0] != '\0',
                WAIT_MS);
    if (!house_says(s->line, words))
        fail_msg("no «%s» in «%s»", words, house_status(s->line).detail);
    assert_int_not_equal(health_check_ready(&s->house->service), CC_OK);
}

/* The line breaks, and the modem is opened anew. */
static void reopen(struct script *s)
{
    unsigned before = s->connections;
    script_drop(s);
    house_await(s->house, s->connections == before + 1, WAIT_MS);
}

/* ---- the PIN and its counter ----------------------------------------------------------------- */

static void test_the_counter_in_every_familys_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTERS; i++) {
        char lines[2][96];
        for (size_t few = 0; few < 2; few++)
            (void)snprintf(lines[few], sizeof(lines[few]), "%s%zu%s\nOK", counters[i].before,
                           few ? i % 2 : 3, counters[i].behind);
        struct script *s = script_locked(counters[i].command, lines[0], PIN, false);
        start_ready(s);
        assert_int_equal(script_count(s, "AT+CPIN="), 1);
        script_free(s);
        s = script_locked(counters[i].command, lines[1], PIN, true);
        start(s);
        await_blocked(s, "sim_pin", "un solo intento");
        assert_int_equal(script_count(s, "AT+CPIN="), 0);
        script_free(s);
    }
}

static void test_no_counter_no_pin(void **state)
{
    static const char *const rows[] = {
        "ERROR",
        "OK",
        "+CPINR: SIM PIN,\n+CPINR: SIM PIN2,3,3\nOK",
        "+CPINR: SIM PIN,-1\nOK",
        "+CPINR: SIM PIN,99999999999\nOK",
        "+CME ERROR: 100",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script *s = script_locked("AT+CPINR", rows[i], PIN, false);
        start(s);
        await_blocked(s, "sim_pin", "no dice cuántos intentos");
        assert_true(house_says(s->line, "pin_sim_forzar = si"));
        assert_int_equal(script_count(s, "AT+CPIN="), 0);
        script_free(s);
        s = script_locked("AT+CPINR", rows[i], PIN, true);
        start_ready(s);
        assert_int_equal(script_count(s, "AT+CPIN="), 1);
        script_free(s);
    }
}

static void test_a_forced_pin_is_tried_once_all_the_same(void **state)
{
    struct script *s = script_locked(NULL, NULL, WRONG, true);
    (void)state;
    start(s);
    await_blocked(s, "sim_pin", "no acepta el PIN");
    reopen(s);
    await_blocked(s, "sim_pin", "ya se probó");
    assert_int_equal(script_count(s, "AT+CPIN="), 1);
}

static const char *mute_the_first_counter(struct script *s, const char *command)
{
    return strcmp(command, "AT+CPINR") == 0 ? "" : refuse_counters(s, command);
}

static void test_a_counter_that_is_never_answered(void **state)
{
    struct script *s = script_locked("AT+QPINC?", "+QPINC: \"SC\",3,10\nOK", PIN, false);
    (void)state;
    s->hook = mute_the_first_counter;
    start_ready(s);
    assert_int_equal(script_count(s, "AT+CPIN="), 1);
    assert_int_equal(script_count(s, "AT+CPINR"), 1);
}

static const char *ask_for_pin_2(struct script *s, const char *command)
{
    (void)s;
    return strcmp(command, "AT+CPIN?") == 0 ? "+CPIN: SIM PIN2\nOK" : NULL;
}

static const char *ask_for_puk_2(struct script *s, const char *command)
{
    (void)s;
    return strcmp(command, "AT+CPIN?") == 0 ? "+CPIN: SIM PUK2\nOK" : NULL;
}

static const char *be_busy_twice(struct script *s, const char *command)
{
    return strcmp(command, "AT+CPIN?") == 0 && ++s->number < 3 ? "+CME ERROR: 14" : NULL;
}

static void test_a_card_that_was_busy_or_asks_only_for_its_second_pin(void **state)
{
    static const script_hook hooks[] = {ask_for_pin_2, ask_for_puk_2, be_busy_twice};
    (void)state;
    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
        struct script *s = script_new(hooks[i]);
        start_ready(s);
        script_free(s);
    }
}

/* ---- the number of the card ------------------------------------------------------------------ */

/* The modem as GET /v1/estado tells a client of it. */
static const char *show(struct script *s)
{
    static char text[4096];
    const struct estado_view view = {
        .service = &s->house->service, .caller = &house_sede, .now_ms = house_now_ms(s->house)};
    struct buf out;
    buf_init(&out, text, sizeof(text) - 1);
    estado_put_modem(&out, &view, s->line->modem);
    assert_true(buf_ok(&out));
    text[out.len] = '\0';
    return text;
}

/* Masked, with its last digits. */
static void assert_number_shown(struct script *s)
{
    const char *text = show(s);
    const char *value = strstr(text, "\"iccid\":\"");
    assert_null(strstr(text, ICCID));
    assert_non_null(value);
    value += strlen("\"iccid\":\"");
    size_t len = strcspn(value, "\"");
    assert_true(len > 3 && strncmp(value + len - 3, "127", 3) == 0);
}

static void test_the_number_of_the_card_in_every_familys_words(void **state)
{
    static const struct {
        const char *command, *lines;
    } rows[] = {
        {READ, "+CRSM: 144,0,\"984300214365870921F7\"\nOK"},
        {READ, "+CRSM: 144,0,984300214365870921F7\nOK"},
        {"AT+CCID", "+CCID: \"" ICCID "\"\nOK"},
        {"AT+CCID", ICCID "F\nOK"},
        {"AT+QCCID", "+QCCID: " ICCID "F\nOK"},
        {"AT+CICCID", "+ICCID: " ICCID "\nOK"},
        {"AT^ICCID?", "^ICCID: " ICCID "\nOK"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script *s = script_telling(rows[i].command, rows[i].lines, numbers);
        s->line->config.iccid = ICCID;
        start_ready(s);
        assert_number_shown(s);
        script_free(s);
    }
}

/* With or without its check digit. */
static void test_one_card_only(void **state)
{
    static const struct {
        const char *iccid;
        bool is_mine;
    } rows[] = {{CUT_ICCID, true}, {ICCID "5", true}, {CUT_ICCID "8", false}, {ICCID "55", false}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script *s = script_telling(READ, CARD, NULL);
        s->line->config.iccid = rows[i].iccid;
        start(s);
        if (rows[i].is_mine) {
            await_ready(s);
        } else {
            await_blocked(s, "sim_otra", "no es la de iccid_sim");
            assert_false(house_says(s->line, ICCID));
        }
        script_free(s);
    }
}

static void test_another_card_gets_no_pin(void **state)
{
    struct script *s = script_telling(READ, CARD, NULL);
    (void)state;
    s->hook = NULL;
    s->sim = "SIM PIN";
    s->pin = s->line->config.pin = PIN;
    s->line->config.iccid = ICCID;
    start(s);
    await_blocked(s, "sim_otra", "Ponga la suya");
    assert_int_equal(script_count(s, "AT+CPIN="), 0);
    s->hook = answer_told;
    script_drop(s);
    await_ready(s);
}

static void test_a_card_without_a_number_is_not_taken_for_the_right_one(void **state)
{
    struct script *s = script_telling(READ, NO_NUMBER, numbers);
    (void)state;
    s->line->config.iccid = ICCID;
    start(s);
    await_blocked(s, "sim_otra", "no dice el número de la SIM");
    script_free(s);
    s = script_telling(READ, NO_NUMBER, numbers);
    start_ready(s);
}

static const char *hide_number_before_pin(struct script *s, const char *command)
{
    return is_in(numbers, command) && strcmp(s->sim, "READY") != 0 ? "+CME ERROR: 11" : NULL;
}

static void test_a_number_that_is_told_only_after_the_pin(void **state)
{
    struct script *s = script_new(hide_number_before_pin);
    (void)state;
    s->sim = "SIM PIN";
    s->pin = s->line->config.pin = PIN;
    start(s);
    for (size_t n = 1; n <= 2; n++) {
        await_ready(s);
        assert_int_equal(script_count(s, "AT+CPIN="), n);
        assert_string_not_equal(house_status(s->line).card.iccid, "");
        s->sim = "SIM PIN";
        script_drop(s);
        house_await(s->house, script_count(s, "AT+CPIN=") == n + 1, WAIT_MS);
    }
    await_ready(s);
}

static void test_a_mute_question_for_the_number_does_not_hold_up_the_start(void **state)
{
    struct script *s = script_telling(READ, "", NULL);
    (void)state;
    start_ready(s);
    assert_int_equal(script_count(s, READ), 1);
}

/* ---- its state ------------------------------------------------------------------------------- */

static void test_every_state_of_the_card_in_a_plain_sentence(void **state)
{
    static const struct {
        const char *lines, *token, *words;
    } rows[] = {
        {"+CME ERROR: 10", "sim_falta", "Ponga una SIM"},
        {"+CMS ERROR: 310", "sim_falta", "Ponga una SIM"},
        {"+CPIN: NOT INSERTED\nOK", "sim_falta", "Ponga una SIM"},
        {"+CME ERROR: 13", "sim_averiada", "cámbiela"},
        {"+CME ERROR: 15", "sim_averiada", "Pruebe con otra"},
        {"+CPIN: SIM PUK\nOK", "sim_puk", "Desbloquéela"},
        {"+CME ERROR: 12", "sim_puk", "Desbloquéela"},
        {"+CME ERROR: 11", "sim_pin", "Escríbalo en pin_sim"},
        {"+CPIN: PH-NET PIN\nOK", "sim_bloqueada", "su operador"},
        {"+CME ERROR: 14", "comprobando_sim", "ocupada"},
        {"+CPIN: NOT READY\nOK", "comprobando_sim", "Espere"},
        {"ERROR", "comprobando_sim", "Espere"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script *s = script_telling("AT+CPIN?", rows[i].lines, NULL);
        start(s);
        await_blocked(s, rows[i].token, rows[i].words);
        s->hook = NULL;
        script_drop(s);
        await_ready(s);
        assert_string_equal(house_status(s->line).detail, "");
        script_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_the_counter_in_every_familys_words),
        script_test(test_no_counter_no_pin),
        script_test(test_a_forced_pin_is_tried_once_all_the_same),
        script_test(test_a_counter_that_is_never_answered),
        script_test(test_a_card_that_was_busy_or_asks_only_for_its_second_pin),
        script_test(test_the_number_of_the_card_in_every_familys_words),
        script_test(test_one_card_only),
        script_test(test_another_card_gets_no_pin),
        script_test(test_a_card_without_a_number_is_not_taken_for_the_right_one),
        script_test(test_a_number_that_is_told_only_after_the_pin),
        script_test(test_a_mute_question_for_the_number_does_not_hold_up_the_start),
        script_test(test_every_state_of_the_card_in_a_plain_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
