/* SPDX-License-Identifier: EUPL-1.2 */
/* Every limit at its bound, one below, one above, and switched off. */
#include "domain/limits.h"
#include "domain/limits_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { NOW_S = 1795564800 };
#define NOW_MS (NOW_S * INT64_C(1000))

static struct limits_citizen good(void)
{
    return (struct limits_citizen){.registered = true};
}

static void put(void *record, size_t offset, int64_t value)
{
    memcpy((char *)record + offset, &value, sizeof(value));
}

static void expect(const char *what, const struct limits *limits,
                   const struct limits_citizen *citizen, enum limits_verdict verdict)
{
    enum limits_verdict got = limits_request(limits, citizen, NOW_MS);
    if (got != verdict)
        fail_msg("%s: %s, not %s", what, limits_verdict_token(got), limits_verdict_token(verdict));
}

#define COUNTER(name) #name, offsetof(struct limits_citizen, name)
#define LIMIT(name) offsetof(struct limits, name)
#define OPEN LIMITS_CONTRAST_NONE
#define PROVEN LIMITS_CONTRAST_RIGHT

/* Each limit one below, at and above its bound, moved and switched off; and what the owner with the
 * right contrast meets at the same counter. */
static void each_limit_at_its_bound(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t counter;
        size_t limit;
        int64_t bound; /* in pin24h */
        enum limits_contrast contrast;
        enum limits_verdict verdict;
        enum limits_verdict otherwise; /* in the other way, at the bound */
    } rows[] = {
        {COUNTER(failures_in_a_row), LIMIT(citizen.contrast_after), 14, OPEN, LIMITS_NEEDS_CONTRAST,
         LIMITS_SEND},
        {COUNTER(failures_in_a_row), LIMIT(citizen.lock_after), 50, PROVEN, LIMITS_LOCKED,
         LIMITS_LOCKED},
        {COUNTER(requests_hour), LIMIT(citizen.sends_hour), 3, OPEN, LIMITS_TOO_MANY_HOUR,
         LIMITS_SEND},
        {COUNTER(requests_day), LIMIT(citizen.sends_day), 5, OPEN, LIMITS_TOO_MANY_DAY,
         LIMITS_SEND},
        {COUNTER(requests_hour), LIMIT(citizen.contrast_sends_hour), 5, PROVEN,
         LIMITS_TOO_MANY_HOUR, LIMITS_TOO_MANY_HOUR},
        {COUNTER(requests_day), LIMIT(citizen.contrast_sends_day), 10, PROVEN, LIMITS_TOO_MANY_DAY,
         LIMITS_TOO_MANY_DAY},
        {COUNTER(phone_sms_day), LIMIT(citizen.sms_per_phone_day), 10, OPEN, LIMITS_TOO_MANY_PHONE,
         LIMITS_TOO_MANY_PHONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct limits_citizen citizen = good();
        citizen.contrast = rows[i].contrast;
        put(&citizen, rows[i].counter, rows[i].bound - 1);
        expect(rows[i].name, &limits_pin24h, &citizen, LIMITS_SEND);
        put(&citizen, rows[i].counter, rows[i].bound);
        expect(rows[i].name, &limits_pin24h, &citizen, rows[i].verdict);
        citizen.contrast = rows[i].contrast == OPEN ? PROVEN : OPEN;
        expect(rows[i].name, &limits_pin24h, &citizen, rows[i].otherwise);
        citizen.contrast = rows[i].contrast;
        put(&citizen, rows[i].counter, rows[i].bound + 1);
        expect(rows[i].name, &limits_pin24h, &citizen, rows[i].verdict);

        struct limits limits = limits_pin24h;
        put(&limits, rows[i].limit, rows[i].bound + 2);
        expect(rows[i].name, &limits, &citizen, LIMITS_SEND);
        put(&limits, rows[i].limit, 1);
        put(&citizen, rows[i].counter, 1);
        expect(rows[i].name, &limits, &citizen, rows[i].verdict);
        put(&limits, rows[i].limit, 0);
        expect(rows[i].name, &limits, &citizen, LIMITS_SEND);
    }
}

static void all_off_lets_everything_pass(void **state)
{
    (void)state;
    static const struct limits none;
    struct limits_citizen citizen = {.registered = true,
                                     .wrong_contrasts_day = 99,
                                     .wrong_contrasts_month = 99,
                                     .failures_in_a_row = 99,
                                     .last_request_ms = NOW_MS,
                                     .requests_hour = 99,
                                     .requests_day = 99,
                                     .phone_sms_day = 99,
                                     .refusals_hour = 9999,
                                     .refusals_minute = 99};
    expect("no limits", &none, &citizen, LIMITS_SEND);
    assert_true(limits_reads(&none.citizen, &citizen));
    assert_true(limits_compares_contrast(&none.citizen, &citizen));
    assert_true(limits_compares_request(&none, &citizen, false));
    citizen.locked = true;
    expect("no limits, but locked by staff", &none, &citizen, LIMITS_LOCKED);
    assert_false(limits_reads(&none.citizen, &citizen));
}

static void the_gap(void **state)
{
    (void)state;
    static const struct {
        int64_t ago_ms;
        enum limits_verdict verdict;
    } rows[] = {
        {0, LIMITS_TOO_SOON},         {1, LIMITS_TOO_SOON},      {59000, LIMITS_TOO_SOON},
        {59999, LIMITS_TOO_SOON},     {60000, LIMITS_SEND},      {60001, LIMITS_SEND},
        {-500, LIMITS_TOO_SOON},      {-60000, LIMITS_TOO_SOON}, {86400000, LIMITS_SEND},
        {1795564800000, LIMITS_SEND},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct limits_citizen citizen = good();
        citizen.last_request_ms = NOW_MS - rows[i].ago_ms;
        expect("gap", &limits_pin24h, &citizen, rows[i].verdict);
        struct limits limits = limits_pin24h;
        limits.citizen.gap_s = 0;
        expect("no gap", &limits, &citizen, LIMITS_SEND);
    }
}

/* Attacks of a stranger, and whether the owner passes by; and bounds that hold for everybody. */
static void the_owner_passes_by(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct limits_citizen citizen;
        enum limits_verdict open, wrong, proven;
    } rows[] = {
        {"good", {.registered = true}, LIMITS_SEND, LIMITS_SEND, LIMITS_SEND},
        {"unknown before all else",
         {.locked = true, .town_asks = true},
         LIMITS_UNKNOWN_NIF,
         LIMITS_UNKNOWN_NIF,
         LIMITS_UNKNOWN_NIF},
        {"by staff",
         {.registered = true, .locked = true},
         LIMITS_LOCKED,
         LIMITS_LOCKED,
         LIMITS_LOCKED},
        {"14 in a row",
         {.registered = true, .failures_in_a_row = 14},
         LIMITS_NEEDS_CONTRAST,
         LIMITS_NEEDS_CONTRAST,
         LIMITS_SEND},
        {"49 in a row",
         {.registered = true, .failures_in_a_row = 49},
         LIMITS_NEEDS_CONTRAST,
         LIMITS_NEEDS_CONTRAST,
         LIMITS_SEND},
        {"50 in a row",
         {.registered = true, .failures_in_a_row = 50},
         LIMITS_LOCKED,
         LIMITS_LOCKED,
         LIMITS_LOCKED},
        {"the town asks",
         {.registered = true, .town_asks = true},
         LIMITS_NEEDS_CONTRAST,
         LIMITS_NEEDS_CONTRAST,
         LIMITS_SEND},
        {"many refusals without a matching clave",
         {.registered = true, .refusals_hour = 9999, .refusals_minute = 999},
         LIMITS_SEND,
         LIMITS_SEND,
         LIMITS_SEND},
        {"wrong contrasts hurt no open send",
         {.registered = true, .wrong_contrasts_day = 5, .contrast_locked = true},
         LIMITS_SEND,
         LIMITS_SEND,
         LIMITS_SEND},
        {"the gravest first",
         {.registered = true, .failures_in_a_row = 14, .last_request_ms = NOW_MS},
         LIMITS_NEEDS_CONTRAST,
         LIMITS_NEEDS_CONTRAST,
         LIMITS_TOO_SOON},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct limits_citizen citizen = rows[i].citizen;
        expect(rows[i].name, &limits_pin24h, &citizen, rows[i].open);
        citizen.contrast = LIMITS_CONTRAST_WRONG;
        expect(rows[i].name, &limits_pin24h, &citizen, rows[i].wrong);
        citizen.contrast = LIMITS_CONTRAST_RIGHT;
        expect(rows[i].name, &limits_pin24h, &citizen, rows[i].proven);
    }
    struct limits_citizen citizen = good();
    expect("reforzado", &limits_reforzado, &citizen, LIMITS_NEEDS_CONTRAST);
    citizen.contrast = LIMITS_CONTRAST_RIGHT;
    expect("reforzado, with the contrast", &limits_reforzado, &citizen, LIMITS_SEND);
}

/* Pace of the verifications of a NIF. */
static void the_pace_of_a_nif(void **state)
{
    (void)state;
    static const struct {
        struct limits_citizen citizen;
        bool reads;
    } rows[] = {
        {{.registered = true}, true},
        {{.registered = false}, false},
        {{.registered = true, .locked = true}, false},
        {{.registered = true, .failures_in_a_row = 49}, true},
        {{.registered = true, .failures_in_a_row = 50}, false},
        {{.registered = true, .refusals_hour = 99, .refusals_minute = 99}, true},
        {{.registered = true, .refusals_hour = 100, .refusals_minute = 1}, false},
        {{.registered = true, .refusals_hour = 101, .refusals_minute = 1}, false},
        {{.registered = true, .refusals_hour = 100, .refusals_minute = 0}, true}, /* one a minute */
        {{.registered = true, .refusals_hour = 9999, .refusals_minute = 99, .contrast = PROVEN},
         true},
        {{.registered = true,
          .refusals_hour = 100,
          .refusals_minute = 1,
          .contrast = LIMITS_CONTRAST_WRONG},
         false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (limits_reads(&limits_pin24h.citizen, &rows[i].citizen) != rows[i].reads)
            fail_msg("row %zu", i);
    }
}

/* Live requests that a verification is compared with: opened first and guessed later is no way
 * round. A wrong contrast is compared, and fails. */
static void what_is_compared(void **state)
{
    (void)state;
    static const struct {
        int64_t failures;
        bool town_asks;
        enum limits_contrast contrast;
        bool open, with_contrast; /* how the request was opened */
    } rows[] = {
        {0, false, OPEN, true, true},
        {13, false, OPEN, true, true},
        {13, false, LIMITS_CONTRAST_WRONG, true, true},
        {14, false, OPEN, false, true},
        {16, false, OPEN, false, true},
        {14, false, PROVEN, true, true},
        {14, false, LIMITS_CONTRAST_WRONG, false, true},
        {0, true, OPEN, false, true},
        {0, true, PROVEN, true, true},
        {0, true, LIMITS_CONTRAST_WRONG, false, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct limits_citizen citizen = good();
        citizen.failures_in_a_row = rows[i].failures;
        citizen.town_asks = rows[i].town_asks;
        citizen.contrast = rows[i].contrast;
        if (limits_compares_request(&limits_pin24h, &citizen, false) != rows[i].open ||
            limits_compares_request(&limits_pin24h, &citizen, true) != rows[i].with_contrast)
            fail_msg("row %zu", i);
    }
}

static void guesses_at_the_contrast(void **state)
{
    (void)state;
    static const struct {
        int64_t here, day, month;
        bool locked, compares;
    } rows[] = {
        {0, 0, 0, false, true},   {4, 4, 4, false, true},    {5, 5, 5, false, false},
        {6, 6, 6, false, false},  {0, 29, 29, false, true},  {0, 30, 30, false, false},
        {0, 0, 299, false, true}, {0, 0, 300, false, false}, {4, 29, 299, false, true},
        {0, 0, 0, true, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct limits_citizen citizen = good();
        citizen.wrong_contrasts_here = rows[i].here;
        citizen.wrong_contrasts_day = rows[i].day;
        citizen.wrong_contrasts_month = rows[i].month;
        citizen.contrast_locked = rows[i].locked;
        if (limits_compares_contrast(&limits_pin24h.citizen, &citizen) != rows[i].compares)
            fail_msg("row %zu", i);
    }
}

static void the_town(void **state)
{
    (void)state;
    static const struct {
        struct limits_town town;
        bool asked, asks;
        unsigned alarms;
    } rows[] = {
        {{0}, false, false, 0},
        {{.nifs_day = 9}, false, false, 0},
        {{.nifs_day = 10}, false, false, LIMITS_ALARM_NIFS},
        {{.nifs_day = 19}, false, false, LIMITS_ALARM_NIFS},
        {{.nifs_day = 20}, false, true, LIMITS_ALARM_NIFS},
        {{.nifs_day = 19}, true, true, LIMITS_ALARM_NIFS},
        {{.nifs_day = 10}, true, true, LIMITS_ALARM_NIFS},
        {{.nifs_day = 9}, true, false, 0},
        {{.failures_day = 99}, false, false, 0},
        {{.failures_day = 100}, false, true, 0},
        {{.failures_day = 100}, true, true, 0},
        {{.failures_day = 99}, true, false, 0},
        {{.failures_month = 29}, false, false, 0},
        {{.failures_month = 30}, false, false, LIMITS_ALARM_DRIP},
        {{.sends_hour = 59}, false, false, 0},
        {{.sends_hour = 60}, false, false, LIMITS_ALARM_SENDS},
        {{.sends_hour = 100, .sends_usual = 20}, false, false, 0},
        {{.sends_hour = 101, .sends_usual = 20}, false, false, LIMITS_ALARM_SENDS},
        {{.nifs_day = 30, .failures_month = 90, .sends_hour = 999},
         false,
         true,
         LIMITS_ALARM_NIFS | LIMITS_ALARM_DRIP | LIMITS_ALARM_SENDS},
    };
    static const struct limits none;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (limits_town_asks(&limits_pin24h.town, &rows[i].town, rows[i].asked) != rows[i].asks)
            fail_msg("row %zu", i);
        if (limits_town_alarms(&limits_pin24h.town, &rows[i].town) != rows[i].alarms)
            fail_msg("alarms of row %zu", i);
        if (limits_town_asks(&none.town, &rows[i].town, rows[i].asked) ||
            limits_town_alarms(&none.town, &rows[i].town) != 0)
            fail_msg("row %zu without limits", i);
    }
}

/* The arithmetic of the header: what all attempts that the limits allow are worth, per NIF in 30
 * days. */
static void the_chance_of_a_break(void **state)
{
    (void)state;
    const struct limits *limits = &limits_pin24h;
    double codes = 10000, dates = 3653;
    double survives = 1;
    for (int64_t left = limits->citizen.contrast_after; left > 0; left -= limits->code.tries) {
        int64_t tries = left < limits->code.tries ? left : limits->code.tries;
        survives *= 1 - (double)tries / codes;
    }
    double open = 1 - survives;
    double guessed =
        (double)limits->citizen.wrong_contrasts_month / dates * (double)limits->code.tries / codes;
    assert_true(open <= 13.994e-4);
    assert_true(open + guessed <= 15e-4);
    assert_true((double)limits->town.failures / codes <= 0.01);
}

static void profiles_and_tokens(void **state)
{
    (void)state;
    assert_ptr_equal(limits_profile("pin24h"), &limits_pin24h);
    assert_ptr_equal(limits_profile("reforzado"), &limits_reforzado);
    assert_null(limits_profile("otro"));
    assert_int_equal(limits_reforzado.code.digits, 6);
    assert_int_equal(limits_reforzado.code.life_minutes, 10);
    assert_int_equal(limits_reforzado.code.uses, 1);
    assert_int_equal(limits_reforzado.citizen.live, 2);
    assert_int_equal(limits_reforzado.citizen.contrast_after, 10);
    assert_int_equal(limits_reforzado.citizen.lock_after, 30);
    for (unsigned i = LIMITS_SEND; i <= LIMITS_TOO_MANY_PHONE; i++) {
        const char *token = limits_verdict_token((enum limits_verdict)i);
        assert_true(strlen(token) > 0);
        for (unsigned j = LIMITS_SEND; j < i; j++)
            assert_string_not_equal(token, limits_verdict_token((enum limits_verdict)j));
        bool is_quiet = i == LIMITS_SEND || i == LIMITS_UNKNOWN_NIF || i == LIMITS_TOO_SOON;
        assert_int_equal(limits_is_told((enum limits_verdict)i), !is_quiet);
    }
    assert_string_equal(limits_verdict_token(LIMITS_SEND), "enviar");
    assert_string_equal(limits_verdict_token(LIMITS_UNKNOWN_NIF), "nif_desconocido");
    for (size_t i = 0; i < limits_rows_count; i++)
        assert_int_equal(limits_rows[i].offset, i * sizeof(int64_t));
}

static void life_of_a_request(void **state)
{
    (void)state;
    static const struct {
        int64_t tries;
        int64_t uses;
        int64_t left_ms;
        bool alive;
        bool alive_without_limits;
    } rows[] = {
        {0, 0, 1000, true, true},   {0, 0, 1, true, true},     {0, 0, 0, false, false},
        {0, 0, -1, false, false},   {2, 0, 1000, true, true},  {3, 0, 1000, false, true},
        {4, 0, 1000, false, true},  {0, 19, 1000, true, true}, {0, 20, 1000, false, true},
        {0, 21, 1000, false, true}, {2, 19, 1, true, true},    {3, 20, 0, false, false},
    };
    static const struct limits none;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t expires_ms = NOW_MS + rows[i].left_ms;
        if (limits_request_is_alive(&limits_pin24h.code, rows[i].tries, rows[i].uses, expires_ms,
                                    NOW_MS) != rows[i].alive)
            fail_msg("row %zu", i);
        if (limits_request_is_alive(&none.code, rows[i].tries, rows[i].uses, expires_ms, NOW_MS) !=
            rows[i].alive_without_limits)
            fail_msg("row %zu without limits", i);
    }
}

static void most_requests_alive(void **state)
{
    static const struct {
        int64_t live;
        size_t most, expected;
    } rows[] = {{3, 16, 6}, {1, 16, 2}, {8, 16, 16}, {9, 16, 16}, {0, 16, 16}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct limits_per_citizen limits = {.live = rows[i].live};
        assert_int_equal(limits_most_alive(&limits, rows[i].most), rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_at_its_bound),
        cmocka_unit_test(all_off_lets_everything_pass),
        cmocka_unit_test(the_gap),
        cmocka_unit_test(the_owner_passes_by),
        cmocka_unit_test(the_pace_of_a_nif),
        cmocka_unit_test(what_is_compared),
        cmocka_unit_test(guesses_at_the_contrast),
        cmocka_unit_test(the_town),
        cmocka_unit_test(the_chance_of_a_break),
        cmocka_unit_test(profiles_and_tokens),
        cmocka_unit_test(life_of_a_request),
        cmocka_unit_test(most_requests_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
