/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A month of an attacker who has a list of registered NIFs and any strategy, against the real
 * services, with time driven. Each comparison with a code is counted, and is worth 1/10^4. Owners
 * enter meanwhile: none who gives the contrast is kept out, but by one who guesses at the contrast
 * itself: it is then locked, and the phone told.
 */
#include "tests/unit/test_store_fixture.h"

#include "base/loop.h"
#include "service/enrol.h"
#include "service/request.h"
#include "service/town.h"
#include "service/verify.h"

static const struct address_keys nowhere = {"", ""}, attacker = {"192.0.2.7", ""};
static const struct caller sede = {.kind = CALLER_CLIENT, .id = 1, .name = "cliente:sede"};
static const struct caller control = {.kind = CALLER_PEER, .name = "control"};

enum { NIFS = 60, ATTACKED = 2, OWNERS = 10, DAYS = 30 };

static const struct contraste datum = {"2031-04-09"};

struct month {
    struct fixture *store;
    struct loop *loop;
    struct service service;
    struct settings settings;
    struct nif nifs[NIFS];
    char codes[NIFS][CODE_SIZE]; /* in the last SMS of each */
    int broken[NIFS];            /* how often the attacker entered */
    struct address_keys from;    /* who calls now */
    int64_t start_ms;
    int64_t failed; /* owners who gave the contrast and did not enter */
};

static void make_nif(int number, struct nif *ret)
{
    static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
    char text[16];
    (void)snprintf(text, sizeof(text), "%08d%c", 20000000 + number,
                   letters[(20000000 + number) % 23]);
    assert_ok(nif_parse(text, NIF_CHARS, ret));
}

static int set_up(void **state)
{
    struct month *m = calloc(1, sizeof(*m));
    void *fixture = NULL;
    assert_non_null(m);
    (void)fixture_open(&fixture);
    m->store = fixture;
    m->loop = loop_new();
    m->settings = (struct settings){
        .entity_sms = "Ayto.", .origin = "", .clause = "", .limits = limits_pin24h};
    m->settings.limits.address.failures_hour = 0; /* he has as many addresses as he needs */
    m->settings.limits.address.requests_hour = 0;
    m->service = (struct service){.loop = m->loop,
                                  .store = &m->store->store,
                                  .turn = turn_new(m->loop, &m->store->store),
                                  .settings = &m->settings};
    assert_ok(db_begin(m->service.store->db));
    for (int i = 0; i < NIFS; i++) {
        struct citizen citizen;
        struct enrol_input input = {
            .name = {.given = "Ana"}, .contrast = datum, .caller = &control};
        make_nif(i, &m->nifs[i]);
        input.nif = m->nifs[i];
        (void)snprintf(input.phone.e164, sizeof(input.phone.e164), "+346%08d", i);
        assert_ok(enrol_person(&m->service, &input, T0 - DAY, &citizen));
    }
    m->start_ms = T0;
    m->from = attacker;
    *state = m;
    return 0;
}

static int tear_down(void **state)
{
    struct month *m = *state;
    void *fixture = m->store;
    assert_ok(db_commit(m->service.store->db));
    turn_free(m->service.turn);
    loop_free(m->loop);
    (void)fixture_close(&fixture);
    free(m);
    return 0;
}

static void ask(struct month *m, int nif, const char *clave, const struct contraste *contrast,
                int64_t now_ms)
{
    struct request_output out;
    int64_t wait_s = 0;
    struct request_input input = {.nif = m->nifs[nif], .from = &m->from, .caller = &sede};
    (void)snprintf(input.clave, sizeof(input.clave), "%s", clave);
    if (contrast != NULL)
        input.contrast = *contrast;
    assert_ok(request_create(&m->service, &input, now_ms, &out, &wait_s));
}

static bool enter(struct month *m, int nif, const char *clave, const char *code,
                  const struct contraste *contrast, int64_t now_ms)
{
    struct verify_output out;
    int64_t wait_s = 0;
    struct verify_input input = {.nif = m->nifs[nif], .from = &m->from, .caller = &sede};
    (void)snprintf(input.clave, sizeof(input.clave), "%s", clave);
    (void)snprintf(input.contraclave, sizeof(input.contraclave), "%s", code);
    if (contrast != NULL)
        input.contrast = *contrast;
    assert_ok(verify_pin(&m->service, &input, now_ms, &out, &wait_s));
    return out.correct;
}

/* Takes what is in the queue to its phones. */
static void deliver(struct month *m, int64_t now_ms)
{
    struct outbox_message message;
    while (outbox_next(m->service.store, now_ms, "m", OUTBOX_CONTRACLAVE, &message) == CC_OK) {
        assert_ok(outbox_claim(m->service.store, message.id, "m", now_ms));
        assert_ok(outbox_sent(m->service.store, message.id, 1, now_ms));
        const char *at = strstr(message.text, " es ");
        int phone = atoi(message.phone.e164 + 4);
        if (message.class == OUTBOX_CONTRACLAVE && at != NULL)
            (void)snprintf(m->codes[phone], CODE_SIZE, "%.*s", (int)m->settings.limits.code.digits,
                           at + 4);
    }
}

/* An owner asks and enters, once a day; he gives the contrast. */
static void owner_enters(struct month *m, int nif, int64_t now_ms)
{
    m->from = nowhere;
    ask(m, nif, "1234", &datum, now_ms);
    deliver(m, now_ms);
    m->failed += !enter(m, nif, "1234", m->codes[nif], &datum, now_ms);
    m->from = attacker;
}

/* Strategy: the actions of the attacker on a NIF in one of the 36 turns of a day. */
typedef void (*strategy_fn)(struct month *m, int nif, int turn, int64_t now_ms);

/* Guesses `count` different codes at the clave that he chose. */
static void guess(struct month *m, int nif, const char *clave, int count,
                  const struct contraste *contrast, int64_t now_ms)
{
    for (int i = 0; i < count; i++) {
        char code[CODE_SIZE];
        clave_from_number((uint32_t)i + 1, (size_t)m->settings.limits.code.digits, code);
        m->broken[nif] += enter(m, nif, clave, code, contrast, now_ms);
    }
}

static void attack_as_fast_as_it_goes(struct month *m, int nif, int turn, int64_t now_ms)
{
    char clave[CLAVE_SIZE];
    clave_from_number((uint32_t)turn + 5000, CLAVE_DIGITS, clave);
    ask(m, nif, clave, NULL, now_ms);
    guess(m, nif, clave, 4, NULL, now_ms);
}

static void attack_once_a_day(struct month *m, int nif, int turn, int64_t now_ms)
{
    if (turn == 5)
        attack_as_fast_as_it_goes(m, nif, turn, now_ms);
}

/* Opens all that he is given, and guesses late in the day. */
static void attack_what_was_opened_before(struct month *m, int nif, int turn, int64_t now_ms)
{
    char clave[CLAVE_SIZE];
    clave_from_number((uint32_t)turn + 5000, CLAVE_DIGITS, clave);
    if (turn < 20)
        ask(m, nif, clave, NULL, now_ms);
    for (int opened = 0; turn == 21 && opened < 20; opened++) {
        clave_from_number((uint32_t)opened + 5000, CLAVE_DIGITS, clave);
        guess(m, nif, clave, 4, NULL, now_ms);
    }
}

/* Uses a single clave for all, so that each guess falls on several codes. */
static void attack_with_one_clave(struct month *m, int nif, int turn, int64_t now_ms)
{
    if (turn < 3)
        ask(m, nif, "6666", NULL, now_ms);
    if (turn == 3)
        guess(m, nif, "6666", 4, NULL, now_ms);
}

/* Dates one after the other, in requests and verifications. */
static void attack_with_contrasts(struct month *m, int nif, int turn, int64_t now_ms)
{
    struct contraste date = {"2030-01-01"};
    char clave[CLAVE_SIZE];
    clave_from_number((uint32_t)turn + 5000, CLAVE_DIGITS, clave);
    date.text[9] = (char)('1' + turn % 9);
    ask(m, nif, clave, turn % 3 == 0 ? &date : NULL, now_ms);
    guess(m, nif, clave, 4, turn % 2 == 0 ? &date : NULL, now_ms);
}

static void run_days(struct month *m, int days, strategy_fn attack, int attacked)
{
    enum { TURNS = 36 };
    for (int day = 0; day < days; day++) {
        for (int turn = 0; turn < TURNS; turn++) {
            int64_t now_ms = m->start_ms + day * DAY + turn * (DAY / TURNS);
            for (int nif = 0; nif < attacked; nif++)
                attack(m, nif, turn, now_ms);
            deliver(m, now_ms);
            if (turn == 25)
                for (int nif = 0; nif < OWNERS; nif++)
                    owner_enters(m, nif, now_ms);
            assert_ok(town_minute(&m->service, now_ms));
        }
    }
}

static int64_t most_compared(struct month *m)
{
    int64_t most = -1;
    struct db_stmt *st = db_query(m->service.store->db,
                                  "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM"
                                  " failures WHERE kind = 0 AND settled = 0 AND created_ms >= $1"
                                  " GROUP BY citizen_id) AS t");
    db_bind_int(st, 1, m->start_ms);
    assert_ok(db_run_int(st, &most));
    return most;
}

/* Of any 24 hours, by the failures themselves. */
static int64_t most_of_the_town(struct month *m)
{
    return ask_int(m->service.store,
                   "SELECT coalesce(max(n), 0) FROM (SELECT (SELECT count(*) FROM failures AS b"
                   " WHERE b.kind = 0 AND b.settled = 0 AND b.created_ms <= a.created_ms"
                   " AND b.created_ms > a.created_ms - 86400000) AS n FROM failures AS a"
                   " WHERE a.kind = 0) AS t");
}

static const struct {
    const char *name;
    strategy_fn attack;
} strategies[] = {
    {"as fast as it goes", attack_as_fast_as_it_goes},
    {"once a day", attack_once_a_day},
    {"opened before", attack_what_was_opened_before},
    {"one clave", attack_with_one_clave},
    {"contrasts", attack_with_contrasts},
};
enum { STRATEGIES = sizeof(strategies) / sizeof(strategies[0]) };

/* A few NIFs under attack: the compared guesses are bounded, and the owners enter each day. */
static void test_a_few_nifs(void **state)
{
    struct month *m = *state;
    for (size_t i = 0; i < STRATEGIES; i++) {
        m->start_ms = T0 + (int64_t)i * 61 * DAY; /* what was before counts no longer */
        m->failed = 0;
        run_days(m, DAYS, strategies[i].attack, ATTACKED);
        int64_t compared = most_compared(m);
        print_message("  %-20s %2lld compared of one NIF in a month\n", strategies[i].name,
                      (long long)compared);
        if (compared > m->settings.limits.citizen.contrast_after || compared == 0 || m->failed > 0)
            fail_msg("%s: %lld compared, %lld owners kept out", strategies[i].name,
                     (long long)compared, (long long)m->failed);
    }
}

/* The whole list: until the town asks for the contrast a wave is worth 1 % at most. */
static void test_the_whole_list(void **state)
{
    struct month *m = *state;
    run_days(m, DAYS, attack_once_a_day, NIFS);
    assert_in_range(most_of_the_town(m), 50, m->settings.limits.town.failures);
    assert_in_range(most_compared(m), 1, m->settings.limits.citizen.contrast_after);
    assert_int_equal(m->failed, 0);
    assert_true(m->service.town.alarms != 0);
}

/* The same with codes of two digits and no limit of the town: what is observed is what was
 * computed, 1 - (1 - 3/100)^4 (1 - 2/100) = 13.2 % of the NIFs. */
static void test_computed_and_observed(void **state)
{
    struct month *m = *state;
    m->settings.limits.code.digits = 2;
    m->settings.limits.town.failures = 0;
    m->settings.limits.town.nifs_contrast = 0;
    run_days(m, 2, attack_as_fast_as_it_goes, NIFS);
    int broken = 0;
    for (int i = 0; i < NIFS; i++)
        broken += m->broken[i] > 0;
    print_message("  %d of %d NIFs broken with two digits; computed %.1f\n", broken, NIFS,
                  NIFS * 0.132);
    assert_in_range(broken, 1, 20); /* 7.9 and four standard deviations of 2.7 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_few_nifs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_whole_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_computed_and_observed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
