/* SPDX-License-Identifier: EUPL-1.2 */
/* Whether the wall clock is believed: each reading at its limit, one below, one above (DOMAIN 7).
 */
#include "domain/clock_trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define T0 INT64_C(1795564800000)
#define BOOT INT64_C(86400000)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define DAY (1440 * MINUTE)

#define SILENT CLOCK_NETWORK_SILENT
#define NEAR CLOCK_NETWORK_NEAR
#define FAR CLOCK_NETWORK_FAR

/* The wall clock is T0 + wall; it was believed last when it was T0, and the boot clock BOOT. */
static const struct {
    int64_t wall, boot, highest; /* highest: from T0; 0 = T0 itself */
    bool is_anchored;
    enum clock_network network;
    bool is_fresh, is_synchronised;
    enum clock_verdict verdict;
    int64_t wait_ms;
} rows[] = {
    /* time passes, awake or asleep */
    {0, 0, 0, true, SILENT, false, false, CLOCK_RELIABLE, 0},
    {DAY, DAY, 0, true, SILENT, false, false, CLOCK_RELIABLE, 0},
    {400 * DAY, 400 * DAY, 0, true, SILENT, false, false, CLOCK_RELIABLE, 0},
    /* a step forward */
    {5 * MINUTE, 0, 0, true, SILENT, false, false, CLOCK_RELIABLE, 0},
    {5 * MINUTE + 1, 0, 0, true, SILENT, false, false, CLOCK_JUMPED, 0},
    {DAY, 0, 0, true, SILENT, false, false, CLOCK_JUMPED, 0},
    {DAY, 0, 0, true, NEAR, true, false, CLOCK_ADOPT, 0},
    {DAY, 0, 0, true, NEAR, false, false, CLOCK_ADOPT, 0},
    {DAY, 0, 0, true, SILENT, false, true, CLOCK_ADOPT, 0},
    {DAY, 0, 0, true, FAR, true, true, CLOCK_DENIED, 0},
    /* asleep for a day with a wall clock that stood still */
    {0, DAY, 0, true, SILENT, false, false, CLOCK_JUMPED, 0},
    {0, DAY, 0, true, FAR, true, false, CLOCK_DENIED, 0},
    /* a step back: under 2 s, of seconds, of minutes, of more */
    {-2 * SECOND, 0, 0, true, SILENT, false, false, CLOCK_RELIABLE, 0},
    {-2 * SECOND - 1, 0, 0, true, SILENT, false, false, CLOCK_WAIT, 1},
    {-30 * SECOND, 0, 0, true, SILENT, false, false, CLOCK_WAIT, 28 * SECOND},
    {-30 * SECOND, 0, 0, true, NEAR, true, true, CLOCK_WAIT, 28 * SECOND},
    {0, 30 * SECOND, 30 * SECOND, true, SILENT, false, false, CLOCK_WAIT, 28 * SECOND},
    {28 * SECOND, 58 * SECOND, 30 * SECOND, true, SILENT, false, false, CLOCK_RELIABLE, 0},
    {-5 * MINUTE, 0, 0, true, SILENT, false, false, CLOCK_WAIT, 5 * MINUTE - 2 * SECOND},
    {-5 * MINUTE - 1, 0, 0, true, SILENT, false, false, CLOCK_JUMPED, 0},
    {-DAY, 0, 0, true, NEAR, true, false, CLOCK_ADOPT, 0},
    {-DAY, 0, 0, true, SILENT, false, true, CLOCK_ADOPT, 0},
    /* steps add up until a witness is heard */
    {-4 * MINUTE, 4 * MINUTE, 0, true, SILENT, false, false, CLOCK_JUMPED, 0},
    /* at the start */
    {0, 0, 0, false, SILENT, false, false, CLOCK_RELIABLE, 0},
    {DAY, 7, 0, false, SILENT, false, false, CLOCK_RELIABLE, 0},
    {31 * DAY, 7, 0, false, SILENT, false, false, CLOCK_RELIABLE, 0},
    {31 * DAY + 1, 7, 0, false, SILENT, false, false, CLOCK_ABSENT, 0},
    {31 * DAY + 1, 7, 0, false, NEAR, true, false, CLOCK_ADOPT, 0},
    {31 * DAY + 1, 7, 0, false, SILENT, false, true, CLOCK_ADOPT, 0},
    {31 * DAY + 1, 7, -T0, false, SILENT, false, false, CLOCK_RELIABLE, 0}, /* a new box */
    {-MINUTE, 7, 0, false, SILENT, false, false, CLOCK_WAIT, 58 * SECOND},
    {-5 * MINUTE - 1, 7, 0, false, SILENT, false, false, CLOCK_BEHIND, 0},
    {-T0, 7, 0, false, SILENT, false, false, CLOCK_BEHIND, 0}, /* 1970: no RTC */
    {-DAY, 7, 0, false, NEAR, true, false, CLOCK_ADOPT, 0},
    {-DAY, 7, 0, false, SILENT, false, true, CLOCK_ADOPT, 0},
    /* the network alone; an old denial is outweighed by a time service, by nothing else */
    {0, 0, 0, true, NEAR, true, false, CLOCK_RELIABLE, 0},
    {0, 0, 0, true, FAR, true, false, CLOCK_DENIED, 0},
    {0, 0, 0, true, FAR, true, true, CLOCK_DENIED, 0},
    {0, 0, 0, true, FAR, false, false, CLOCK_DENIED, 0},
    {0, 0, 0, true, FAR, false, true, CLOCK_RELIABLE, 0},
    {DAY, 0, 0, true, FAR, false, true, CLOCK_ADOPT, 0},
    {-30 * SECOND, 0, 0, true, FAR, true, false, CLOCK_DENIED, 0},
};

static void verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct clock_readings readings = {
            .wall_ms = T0 + rows[i].wall,
            .boot_ms = BOOT + rows[i].boot,
            .is_anchored = rows[i].is_anchored,
            .anchor_ms = T0 - BOOT,
            .highest_ms = T0 + rows[i].highest,
            .network = rows[i].network,
            .is_network_fresh = rows[i].is_fresh,
            .is_synchronised = rows[i].is_synchronised,
        };
        int64_t wait_ms = 0;
        enum clock_verdict verdict = clock_trust_judge(&readings, &wait_ms);
        if (verdict != rows[i].verdict || wait_ms != rows[i].wait_ms)
            fail_msg("row %zu: %d, %lld", i, (int)verdict, (long long)wait_ms);
        bool is_good = verdict == CLOCK_RELIABLE || verdict == CLOCK_ADOPT;
        assert_int_equal(clock_verdict_is_good(verdict), is_good);
    }
}

/* A board without a clock of its own: each time is a guess until a witness is heard. */
static void guesses(void **state)
{
    (void)state;
    static const struct {
        int64_t wall;
        bool is_anchored;
        enum clock_network network;
        bool is_synchronised;
        enum clock_verdict verdict;
    } cases[] = {
        {0, false, SILENT, false, CLOCK_UNTOLD},
        {SECOND, false, SILENT, false, CLOCK_UNTOLD},
        {-MINUTE, false, SILENT, false, CLOCK_UNTOLD},
        {-DAY, false, SILENT, false, CLOCK_BEHIND},
        {0, false, FAR, false, CLOCK_DENIED},
        {0, false, NEAR, false, CLOCK_ADOPT},
        {60 * MINUTE, false, SILENT, true, CLOCK_ADOPT},
        {0, true, SILENT, false, CLOCK_RELIABLE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct clock_readings readings = {.wall_ms = T0 + cases[i].wall,
                                                .boot_ms = BOOT,
                                                .is_anchored = cases[i].is_anchored,
                                                .anchor_ms = T0 - BOOT,
                                                .highest_ms = T0,
                                                .is_guess = true,
                                                .network = cases[i].network,
                                                .is_network_fresh = true,
                                                .is_synchronised = cases[i].is_synchronised};
        int64_t wait_ms = 0;
        assert_int_equal(clock_trust_judge(&readings, &wait_ms), cases[i].verdict);
    }
}

/* The network told these times, from T0 at BOOT, one after the other a minute apart. */
static void witnesses(void **state)
{
    (void)state;
    static const struct {
        int64_t told[3]; /* from the right time */
        int count;
        int64_t wall; /* and the wall clock is so far from it */
        enum clock_network says;
    } cases[] = {
        {{0}, 0, 0, SILENT},
        {{0}, 1, 0, SILENT},
        {{40 * DAY}, 1, 0, SILENT},
        {{0, 0}, 2, 0, NEAR},
        {{0, 0}, 2, 5 * MINUTE, NEAR},
        {{0, 0}, 2, -5 * MINUTE, NEAR},
        {{0, 0}, 2, 5 * MINUTE + 1, FAR},
        {{0, 0}, 2, 365 * DAY, FAR},
        {{40 * DAY, 40 * DAY}, 2, 0, FAR},
        {{40 * DAY, 40 * DAY}, 2, 40 * DAY, NEAR},
        {{40 * DAY, 41 * DAY}, 2, 0, SILENT}, /* they do not agree */
        {{0, 5 * MINUTE}, 2, 0, NEAR},
        {{0, 5 * MINUTE + 1}, 2, 0, SILENT},
        {{2 * MINUTE, 6 * MINUTE}, 2, 0, SILENT}, /* on either side of the limit */
        {{0, 0, 40 * DAY}, 3, 0, SILENT},
        {{40 * DAY, 0, 0}, 3, 0, NEAR},
        {{0, 40 * DAY, 40 * DAY}, 3, 0, FAR},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct clock_witness witness = {0};
        int64_t passed = 0;
        for (int j = 0; j < cases[i].count; j++, passed += MINUTE)
            clock_witness_take(&witness, T0 + passed + cases[i].told[j], BOOT + passed);
        enum clock_network says =
            clock_witness_say(&witness, T0 + passed + cases[i].wall, BOOT + passed);
        if (says != cases[i].says)
            fail_msg("case %zu: %d", i, (int)says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts), cmocka_unit_test(guesses),
                                       cmocka_unit_test(witnesses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
