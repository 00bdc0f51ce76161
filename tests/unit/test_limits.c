/* SPDX-License-Identifier: EUPL-1.2 */
/* Every limit at its bound, one below, one above, and switched off; the bucket by its own clock. */
#include "domain/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { NOW_S = 1795564800 };
#define NOW_MS (NOW_S * INT64_C(1000))

/* Somebody in good standing. */
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

static void each_limit_at_its_bound(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t counter;
        size_t limit;
        int64_t bound; /* in pin24h */
        enum limits_verdict verdict;
    } rows[] = {
        {COUNTER(failures_day), LIMIT(failures_per_nif_day), 5, LIMITS_TOO_MANY_FAILURES},
        {COUNTER(failures_in_a_row), LIMIT(contrast_after), 15, LIMITS_NEEDS_CONTRAST},
        {COUNTER(town_failures_day), LIMIT(town_contrast_day), 60, LIMITS_NEEDS_CONTRAST},
        {COUNTER(requests_hour), LIMIT(requests_per_nif_hour), 3, LIMITS_TOO_MANY_HOUR},
        {COUNTER(requests_day), LIMIT(requests_per_nif_day), 5, LIMITS_TOO_MANY_DAY},
        {COUNTER(live), LIMIT(live_per_nif), 3, LIMITS_TOO_MANY_LIVE},
        {COUNTER(phone_sms_day), LIMIT(sms_per_phone_day), 5, LIMITS_TOO_MANY_PHONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct limits_citizen citizen = good();
        put(&citizen, rows[i].counter, rows[i].bound - 1);
        expect(rows[i].name, &limits_pin24h, &citizen, LIMITS_SEND);
        put(&citizen, rows[i].counter, rows[i].bound);
        expect(rows[i].name, &limits_pin24h, &citizen, rows[i].verdict);
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
    struct limits_citizen citizen = {true, false, 99, 99, 99, NOW_MS, 99, 99, 99, 99, false};
    expect("no limits", &none, &citizen, LIMITS_SEND);
    citizen.locked = true;
    expect("no limits, but locked by staff", &none, &citizen, LIMITS_LOCKED);
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
        limits.gap_s = 0;
        expect("no gap", &limits, &citizen, LIMITS_SEND);
    }
}

static void locks_and_contrast(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct limits_citizen citizen;
        enum limits_verdict verdict;
    } rows[] = {
        {"good", {.registered = true}, LIMITS_SEND},
        {"unknown", {.registered = false}, LIMITS_UNKNOWN_NIF},
        {"unknown before all else", {.locked = true, .failures_day = 99}, LIMITS_UNKNOWN_NIF},
        {"by staff", {.registered = true, .locked = true}, LIMITS_LOCKED},
        {"49 in a row",
         {.registered = true, .failures_in_a_row = 49, .contrast_given = true},
         LIMITS_SEND},
        {"50 in a row", {.registered = true, .failures_in_a_row = 50}, LIMITS_LOCKED},
        {"51 in a row", {.registered = true, .failures_in_a_row = 51}, LIMITS_LOCKED},
        {"a contrast opens no lock",
         {.registered = true, .failures_in_a_row = 50, .contrast_given = true},
         LIMITS_LOCKED},
        {"nor the staff's",
         {.registered = true, .locked = true, .contrast_given = true},
         LIMITS_LOCKED},
        {"contrast given",
         {.registered = true, .failures_in_a_row = 15, .contrast_given = true},
         LIMITS_SEND},
        {"contrast given, town",
         {.registered = true, .town_failures_day = 60, .contrast_given = true},
         LIMITS_SEND},
        {"a contrast waives nothing else",
         {.registered = true, .failures_day = 5, .contrast_given = true},
         LIMITS_TOO_MANY_FAILURES},
        {"the gravest first",
         {.registered = true, .failures_in_a_row = 15, .failures_day = 5, .live = 3},
         LIMITS_NEEDS_CONTRAST},
        {"failures before counts",
         {.registered = true, .failures_day = 5, .requests_hour = 3, .last_request_ms = NOW_MS},
         LIMITS_TOO_MANY_FAILURES},
        {"the town's alarm stops nobody",
         {.registered = true, .town_failures_day = 59},
         LIMITS_SEND},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect(rows[i].name, &limits_pin24h, &rows[i].citizen, rows[i].verdict);
}

static void no_lock_after(void **state)
{
    (void)state;
    struct limits limits = limits_pin24h;
    struct limits_citizen citizen = good();
    limits.lock_after = 0;
    citizen.failures_in_a_row = 1000;
    expect("contrast instead", &limits, &citizen, LIMITS_NEEDS_CONTRAST);
    limits.contrast_after = 0;
    expect("neither", &limits, &citizen, LIMITS_SEND);
}

static void every_verdict_has_its_token(void **state)
{
    (void)state;
    for (unsigned i = LIMITS_SEND; i <= LIMITS_TOO_MANY_PHONE; i++) {
        const char *token = limits_verdict_token((enum limits_verdict)i);
        assert_true(strlen(token) > 0);
        for (unsigned j = LIMITS_SEND; j < i; j++)
            assert_string_not_equal(token, limits_verdict_token((enum limits_verdict)j));
    }
    assert_string_equal(limits_verdict_token(LIMITS_SEND), "enviar");
    assert_string_equal(limits_verdict_token(LIMITS_UNKNOWN_NIF), "nif_desconocido");
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
        if (limits_request_is_alive(&limits_pin24h, rows[i].tries, rows[i].uses, expires_ms,
                                    NOW_MS) != rows[i].alive)
            fail_msg("row %zu", i);
        if (limits_request_is_alive(&none, rows[i].tries, rows[i].uses, expires_ms, NOW_MS) !=
            rows[i].alive_without_limits)
            fail_msg("row %zu without limits", i);
    }
}

/* How many tokens so many calls are given at one instant. */
static int take(struct limits_bucket *bucket, int64_t per_second, int64_t burst, int64_t at_us,
                int calls)
{
    int given = 0;
    for (int i = 0; i < calls; i++) {
        int64_t wait_s = 0;
        bool ok = limits_bucket_take(bucket, per_second, burst, at_us, &wait_s);
        given += ok;
        assert_int_equal(wait_s, ok ? 0 : 1);
    }
    return given;
}

static void bucket_over_time(void **state)
{
    (void)state;
    static const struct {
        int64_t at_us;
        int calls;
        int given; /* with 5/s and a burst of 20 */
    } rows[] = {
        {1000000, 25, 20},          /* the burst, no more */
        {1100000, 1, 0},            /* half a token */
        {1199999, 1, 0},            /* almost */
        {1200000, 2, 1},            /* 200 ms: one */
        {1200000, 1, 0},            /* the same instant */
        {1100000, 1, 0},            /* a clock that goes back gives nothing */
        {2200000, 9, 5},            /* a second: five */
        {5200000, 99, 15},          /* three seconds */
        {9000000, 99, 19},          /* 3.8 s */
        {13000000, 99, 20},         /* full again */
        {3600000000000, 99, 20},    /* a thousand hours: still the burst */
        {9000000000000000, 99, 20}, /* three centuries */
    };
    struct limits_bucket bucket = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int given = take(&bucket, 5, 20, rows[i].at_us, rows[i].calls);
        if (given != rows[i].given)
            fail_msg("row %zu: %d given", i, given);
    }
}

/* Asking often must not lose the fractions: 7/s over 10 s, asked every 13 µs or every 999 ms. */
static void bucket_keeps_fractions(void **state)
{
    (void)state;
    static const int64_t steps_us[] = {13, 997, 10007, 333333, 999000};
    for (size_t i = 0; i < sizeof(steps_us) / sizeof(steps_us[0]); i++) {
        struct limits_bucket bucket = {0};
        int given = 0;
        int64_t at_us = 0;
        for (; at_us <= 10000000; at_us += steps_us[i])
            given += take(&bucket, 7, 7, at_us, 8);
        if (given < 69 || given > 77)
            fail_msg("every %d us: %d given", (int)steps_us[i], given);
    }
}

static void bucket_off(void **state)
{
    (void)state;
    struct limits_bucket bucket = {0};
    assert_int_equal(take(&bucket, 0, 20, 5, 1000), 1000);
    assert_int_equal(take(&bucket, 5, 0, 5, 1000), 1000);
    assert_int_equal(take(&bucket, 1, 1, 5, 10), 1);
    assert_int_equal(take(&bucket, 1, 1, 1000004, 10), 0);
    assert_int_equal(take(&bucket, 1, 1, 1000005, 10), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_at_its_bound),
        cmocka_unit_test(all_off_lets_everything_pass),
        cmocka_unit_test(the_gap),
        cmocka_unit_test(locks_and_contrast),
        cmocka_unit_test(no_lock_after),
        cmocka_unit_test(every_verdict_has_its_token),
        cmocka_unit_test(life_of_a_request),
        cmocka_unit_test(bucket_over_time),
        cmocka_unit_test(bucket_keeps_fractions),
        cmocka_unit_test(bucket_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
