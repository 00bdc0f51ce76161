/* SPDX-License-Identifier: EUPL-1.2 */
/* Alerts over days: a story of faults in, what is told out. One look every 15 s. */
#include "domain/alerts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define START INT64_C(1790000000000)

enum { LOOK_MS = 15000, PERIODS_MAX = 6, STORY_SIZE = 400 };

/* Appends "o610 r1220 " for what is told at which minute. */
static void run_period(struct alert_state *state, int64_t *now_ms, bool is_on, int64_t length_ms,
                       char *story)
{
    static const char letters[ALERT_EVENT_COUNT] = {0, 'o', 'r', 'm', 't'};
    for (int64_t end_ms = *now_ms + length_ms; *now_ms < end_ms; *now_ms += LOOK_MS) {
        enum alert_event event = alert_step(state, is_on, 0, *now_ms, 10 * MINUTE);
        size_t len = 0;
        while (story[len] != '\0')
            len++;
        if (event != ALERT_NONE)
            (void)snprintf(story + len, STORY_SIZE - len, "%s%c%d", len > 0 ? " " : "",
                           letters[event], (int)((*now_ms - START) / MINUTE));
    }
}

/* Minutes of fault, of calm, of fault…; a row is repeated `times` times. */
static const struct {
    const char *name;
    int times;
    int minutes[PERIODS_MAX];
    const char *story;
} rows[] = {
    {"nothing", 1, {0, 2000}, ""},
    {"a short one", 1, {9, 2000}, ""},
    {"a long one", 1, {60, 2000}, "o10 r70"},
    {"for days", 1, {3 * 1440 + 60, 100}, "o10 m1450 m2890 m4330 r4390"},
    {"50 short flaps", 50, {1, 1}, "o10"},
    {"50 short flaps, and calm", 1, {1, 1, 1, 1, 1, 100}, ""},
    {"50 flaps longer than the wait", 50, {11, 11}, "o10 r21"},
    {"50 flaps, half an hour long, in a day", 24, {29, 30}, "o10 r39"},
    {"a break in a told one", 1, {20, 9, 20, 100}, "o10 r59"},
    {"the next day's is new", 1, {20, 1500, 20, 100}, "o10 r30 o1530 r1550"},
    {"a long relapse is told", 1, {20, 40, 100, 59, 10, 200}, "o10 r30 o120 r289"},
    {"a broken relapse begins again", 1, {20, 40, 59, 1, 59, 200}, "o10 r30"},
};

static void test_stories(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct alert_state state = {.phase = ALERT_FINE};
        int64_t now_ms = START;
        char story[STORY_SIZE] = "";
        for (int n = 0; n < rows[i].times; n++)
            for (size_t p = 0; p < PERIODS_MAX; p++)
                run_period(&state, &now_ms, p % 2 == 0, rows[i].minutes[p] * MINUTE, story);
        print_message("%s\n", rows[i].name);
        assert_string_equal(story, rows[i].story);
    }
}

static void test_its_length(void **unused)
{
    struct alert_state state = {.phase = ALERT_FINE};
    int64_t now_ms = START;
    char story[STORY_SIZE] = "";
    (void)unused;
    run_period(&state, &now_ms, true, 45 * MINUTE, story);
    run_period(&state, &now_ms, false, 20 * MINUTE, story);
    assert_string_equal(story, "o10 r55");
    assert_int_equal(state.calm_ms - state.since_ms, 45 * MINUTE);
}

static void test_a_fault_that_was_there_before_is_told_at_once(void **unused)
{
    struct alert_state state = {.phase = ALERT_FINE};
    (void)unused;
    assert_int_equal(alert_step(&state, true, START - HOUR, START, 10 * MINUTE), ALERT_OPENED);
    assert_int_equal(state.since_ms, START - HOUR);
}

static void test_a_state_goes_on_where_it_was_kept(void **unused)
{
    struct alert_state state = {.phase = ALERT_FINE}, kept;
    (void)unused;
    assert_int_equal(alert_step(&state, true, 0, START, 0), ALERT_OPENED);
    kept = state;
    assert_int_equal(alert_step(&kept, true, 0, START + HOUR, 0), ALERT_NONE);
    assert_int_equal(alert_step(&kept, false, 0, START + 2 * HOUR, 0), ALERT_RESOLVED);
}

static void test_a_clock_that_was_ahead(void **unused)
{
    struct alert_state state = {.phase = ALERT_FINE};
    int64_t now_ms = START;
    char story[STORY_SIZE] = "";
    (void)unused;
    assert_int_equal(alert_step(&state, true, 0, START + 3000 * 24 * HOUR, 0), ALERT_OPENED);
    run_period(&state, &now_ms, true, 25 * HOUR, story);
    run_period(&state, &now_ms, false, HOUR, story);
    assert_string_equal(story, "m1440 r1510");
}

static void test_tokens(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++)
        assert_true(alert_kind_token((enum alert_kind)kind)[0] != '\0');
    assert_string_equal(alert_event_token(ALERT_RESOLVED), "resuelto");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_its_length),
        cmocka_unit_test(test_a_fault_that_was_there_before_is_told_at_once),
        cmocka_unit_test(test_a_state_goes_on_where_it_was_kept),
        cmocka_unit_test(test_a_clock_that_was_ahead),
        cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
