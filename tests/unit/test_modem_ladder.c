/* SPDX-License-Identifier: EUPL-1.2 */
/* The recovery ladder in tables: what happens, when, and which rung must follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/recover/ladder.h"

#include <string.h>

enum what { END, TROUBLE, FAILED, ANSWERED, READY, SENT, LOST, NO_PROMPT, NO_OUTCOME };

enum {
    ALL = (1 << LADDER_ALARM) - 1,
    NO_POWER = ALL & ~(1 << LADDER_POWER),
    UART = NO_POWER & ~(1 << LADDER_USB_RESET),
    MINUTE = 60,
    HOUR = 60 * MINUTE,
};

struct event {
    enum what what;
    int evidence; /* of TROUBLE; what NO_PROMPT and NO_OUTCOME must be evidence of */
    int at_s;
    int rung; /* that must be taken, or that it must be on afterwards */
};

static void play(const struct event *event, unsigned available)
{
    struct ladder ladder;
    ladder_init(&ladder);
    for (int n = 1; event->what != END; event++, n++) {
        int64_t now_ms = (int64_t)event->at_s * 1000;
        int told = -1;
        switch (event->what) {
        case TROUBLE:
            told = (int)ladder_trouble(&ladder, (enum ladder_evidence)event->evidence, available,
                                       now_ms);
            break;
        case FAILED:
            told = (int)ladder_failed(&ladder, available, now_ms);
            break;
        case ANSWERED:
            ladder_answered(&ladder);
            break;
        case READY:
            ladder_ready(&ladder);
            break;
        case SENT:
            ladder_sent(&ladder);
            break;
        case LOST:
            ladder_lost(&ladder);
            break;
        case NO_PROMPT:
        case NO_OUTCOME:
            assert_int_equal(ladder_send_lost(&ladder, event->what == NO_OUTCOME), event->evidence);
            break;
        case END:
            break;
        }
        if (ladder.rung != (enum ladder_rung)event->rung || (told >= 0 && told != (int)ladder.rung))
            fail_msg("event %d: rung %d, told %d, expected %d", n, (int)ladder.rung, told,
                     event->rung);
    }
}

static void test_a_mute_modem_climbs_every_rung_in_order(void **state)
{
    (void)state;
    static const struct event events[] = {
        {TROUBLE, LADDER_MUTE, 0, LADDER_ESCAPE},
        {FAILED, 0, 3, LADDER_INIT},
        {FAILED, 0, 8, LADDER_RESTART},
        {FAILED, 0, 74, LADDER_REOPEN},
        {FAILED, 0, 82, LADDER_USB_RESET},
        {FAILED, 0, 142, LADDER_POWER},
        {FAILED, 0, 232, LADDER_ALARM},
        /* half an hour later all over again, from the restart, for ever */
        {FAILED, 0, 232 + 30 * MINUTE, LADDER_RESTART},
        {FAILED, 0, 300 + 30 * MINUTE, LADDER_REOPEN},
        {FAILED, 0, 308 + 30 * MINUTE, LADDER_USB_RESET},
        {FAILED, 0, 368 + 30 * MINUTE, LADDER_POWER},
        {FAILED, 0, 458 + 30 * MINUTE, LADDER_ALARM},
        {ANSWERED, 0, 500 + 30 * MINUTE, LADDER_NONE},
        {END, 0, 0, 0},
    };
    play(events, ALL);
}

static void test_what_a_box_cannot_do_is_passed_over(void **state)
{
    (void)state;
    static const struct event uart[] = {
        {TROUBLE, LADDER_MUTE, 0, LADDER_ESCAPE},
        {FAILED, 0, 3, LADDER_INIT},
        {FAILED, 0, 8, LADDER_RESTART},
        {FAILED, 0, 13, LADDER_REOPEN},
        {FAILED, 0, 21, LADDER_ALARM},
        {END, 0, 0, 0},
    };
    static const struct event no_power[] = {
        {TROUBLE, LADDER_MUTE, 0, LADDER_ESCAPE},
        {FAILED, 0, 3, LADDER_INIT},
        {FAILED, 0, 8, LADDER_RESTART},
        {FAILED, 0, 13, LADDER_REOPEN},
        {FAILED, 0, 21, LADDER_USB_RESET},
        {FAILED, 0, 81, LADDER_ALARM},
        {END, 0, 0, 0},
    };
    static const struct event nothing[] = {
        {TROUBLE, LADDER_MUTE, 0, LADDER_ALARM},
        {FAILED, 0, 30 * MINUTE, LADDER_ALARM},
        {TROUBLE, LADDER_PERSON, 31 * MINUTE, LADDER_NONE},
        {END, 0, 0, 0},
    };
    play(uart, UART);
    play(no_power, NO_POWER);
    play(nothing, 0);
}

/* MODEMS 1 #13: a restart makes the stick vanish and return; that is no reason for the next one. */
static void test_no_endless_restarts(void **state)
{
    (void)state;
    static const struct event returns_sick[] = {
        {TROUBLE, LADDER_MUTE, 0, LADDER_ESCAPE},
        {FAILED, 0, 3, LADDER_INIT},
        {FAILED, 0, 8, LADDER_RESTART},
        {ANSWERED, 0, 30, LADDER_NONE},
        {TROUBLE, LADDER_MUTE, 31, LADDER_REOPEN}, /* above what did not last */
        {ANSWERED, 0, 33, LADDER_NONE},
        {TROUBLE, LADDER_MUTE, 34, LADDER_USB_RESET},
        {ANSWERED, 0, 60, LADDER_NONE},
        {TROUBLE, LADDER_MUTE, 61, LADDER_POWER},
        {ANSWERED, 0, 90, LADDER_NONE},
        {TROUBLE, LADDER_MUTE, 91, LADDER_ALARM},
        {ANSWERED, 0, 92, LADDER_NONE},
        {TROUBLE, LADDER_MUTE, 93, LADDER_ALARM},
        {END, 0, 0, 0},
    };
    static const struct event vanishes_by_itself[] = {
        {TROUBLE, LADDER_MUTE, 0, LADDER_ESCAPE},
        {FAILED, 0, 3, LADDER_INIT},
        {FAILED, 0, 8, LADDER_RESTART},
        {ANSWERED, 0, 30, LADDER_NONE},
        {LOST, 0, 31, LADDER_NONE},
        /* new: from the ground; but its restart is in its cool-down */
        {TROUBLE, LADDER_MUTE, 40, LADDER_ESCAPE},
        {FAILED, 0, 43, LADDER_INIT},
        {FAILED, 0, 48, LADDER_REOPEN},
        {ANSWERED, 0, 50, LADDER_NONE},
        {LOST, 0, 51, LADDER_NONE},
        {TROUBLE, LADDER_MUTE, 8 + 5 * MINUTE - 9, LADDER_ESCAPE},
        {FAILED, 0, 8 + 5 * MINUTE - 6, LADDER_INIT},
        {FAILED, 0, 8 + 5 * MINUTE - 1, LADDER_REOPEN},
        {LOST, 0, 8 + 5 * MINUTE, LADDER_NONE},
        {TROUBLE, LADDER_MUTE, 8 + 5 * MINUTE, LADDER_ESCAPE},
        {FAILED, 0, 11 + 5 * MINUTE, LADDER_INIT},
        {FAILED, 0, 16 + 5 * MINUTE, LADDER_RESTART},
        {END, 0, 0, 0},
    };
    play(returns_sick, ALL);
    play(vanishes_by_itself, ALL);
}

static void test_each_rung_cools_down(void **state)
{
    (void)state;
    static const struct {
        enum ladder_rung rung;
        int cooldown_s;
    } rows[] = {
        {LADDER_RESTART, 5 * MINUTE},
        {LADDER_USB_RESET, 10 * MINUTE},
        {LADDER_POWER, 30 * MINUTE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ladder ladder;
        unsigned only = 1U << rows[i].rung;
        int64_t end_ms = (int64_t)rows[i].cooldown_s * 1000;
        ladder_init(&ladder);
        assert_int_equal(ladder_trouble(&ladder, LADDER_MUTE, only, 0), rows[i].rung);
        ladder_lost(&ladder);
        assert_int_equal(ladder_trouble(&ladder, LADDER_MUTE, only, end_ms - 1), LADDER_ALARM);
        ladder_lost(&ladder);
        assert_int_equal(ladder_trouble(&ladder, LADDER_MUTE, only, end_ms), rows[i].rung);
    }
}

static void test_readiness_forgives_the_line(void **state)
{
    (void)state;
    static const struct event events[] = {
        {TROUBLE, LADDER_MUTE, 0, LADDER_ESCAPE},
        {ANSWERED, 0, 1, LADDER_NONE},
        {TROUBLE, LADDER_MUTE, 2, LADDER_INIT},
        {ANSWERED, 0, 3, LADDER_NONE},
        {READY, 0, 5, LADDER_NONE},
        {TROUBLE, LADDER_MUTE, 9, LADDER_ESCAPE},
        {ANSWERED, 0, 10, LADDER_NONE},
        {END, 0, 0, 0},
    };
    play(events, ALL);
}

/* Faults of a modem that answers AT but does not do its work: every rung up to the cut of its
 * power, one at a time; then it stays in service, and half an hour later all over again. No
 * alarm. */
static void test_faults_of_sending(void **state)
{
    (void)state;
    static const struct event prompts[] = {
        {NO_PROMPT, LADDER_LATE, 0, LADDER_NONE},
        {TROUBLE, LADDER_LATE, 0, LADDER_ESCAPE},
        {ANSWERED, 0, 1, LADDER_NONE},
        {READY, 0, 2, LADDER_NONE},
        {NO_PROMPT, LADDER_PROMPTS, 12, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 12, LADDER_INIT},
        {ANSWERED, 0, 13, LADDER_NONE},
        {READY, 0, 14, LADDER_NONE},
        {NO_PROMPT, LADDER_LATE, 24, LADDER_NONE},
        {NO_PROMPT, LADDER_PROMPTS, 34, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 34, LADDER_RESTART},
        {ANSWERED, 0, 60, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 80, LADDER_REOPEN},
        {ANSWERED, 0, 81, LADDER_NONE},
        {TROUBLE, LADDER_ERRORS, 100, LADDER_USB_RESET},
        {ANSWERED, 0, 110, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 130, LADDER_POWER},
        {ANSWERED, 0, 140, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 160, LADDER_NONE},
        {READY, 0, 161, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 180, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 159 + 30 * MINUTE, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 160 + 30 * MINUTE, LADDER_RESTART},
        {ANSWERED, 0, 170 + 30 * MINUTE, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 180 + 30 * MINUTE, LADDER_REOPEN},
        {ANSWERED, 0, 181 + 30 * MINUTE, LADDER_NONE},
        {SENT, 0, 190 + 30 * MINUTE, LADDER_NONE},
        {TROUBLE, LADDER_PROMPTS, 200 + 30 * MINUTE, LADDER_INIT},
        {END, 0, 0, 0},
    };
    static const struct event outcomes[] = {
        {NO_OUTCOME, LADDER_LATE, 0, LADDER_NONE},
        {NO_OUTCOME, LADDER_LATE, 150, LADDER_NONE},
        {SENT, 0, 200, LADDER_NONE},
        {NO_OUTCOME, LADDER_LATE, 350, LADDER_NONE},
        {NO_OUTCOME, LADDER_LATE, 500, LADDER_NONE},
        {NO_OUTCOME, LADDER_UNKNOWNS, 650, LADDER_NONE},
        {TROUBLE, LADDER_UNKNOWNS, 650, LADDER_INIT},
        {ANSWERED, 0, 652, LADDER_NONE},
        {TROUBLE, LADDER_UNKNOWNS, 1100, LADDER_RESTART},
        {FAILED, 0, 1170, LADDER_REOPEN}, /* and now it says nothing at all */
        {FAILED, 0, 1180, LADDER_USB_RESET},
        {END, 0, 0, 0},
    };
    play(prompts, ALL);
    play(outcomes, ALL);
}

static void test_what_is_said_of_one_that_does_not_send(void **state)
{
    (void)state;
    static const struct {
        enum ladder_evidence evidence;
        const char *in_service, *spent;
    } table[] = {
        {LADDER_PROMPTS, "no los ha pedido", "no admite mensajes y reiniciarlo no ha servido"},
        {LADDER_UNKNOWNS, "tres últimos", "y reiniciarlo no ha servido"},
        {LADDER_ERRORS, "", "rechaza órdenes que antes aceptaba y reiniciarlo no ha servido"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct ladder ladder;
        ladder_init(&ladder);
        assert_string_equal(ladder_complaint(&ladder), "");
        for (int n = 0; n < 3; n++) { /* ATZ, restart, reopen */
            assert_int_not_equal(ladder_trouble(&ladder, table[i].evidence, UART, n), LADDER_NONE);
            ladder_answered(&ladder);
            assert_non_null(strstr(ladder_complaint(&ladder), table[i].in_service));
            assert_null(strstr(ladder_complaint(&ladder), "desenchúfelo"));
        }
        assert_int_equal(ladder_trouble(&ladder, table[i].evidence, UART, 9), LADDER_NONE);
        assert_non_null(strstr(ladder_complaint(&ladder), table[i].spent));
        assert_non_null(strstr(ladder_complaint(&ladder), "desenchúfelo"));
        ladder_ready(&ladder);
        if (table[i].in_service[0] == '\0')
            assert_string_equal(ladder_complaint(&ladder), "");
        ladder_sent(&ladder);
        assert_string_equal(ladder_complaint(&ladder), "");
    }
}

static void test_a_late_answer_is_no_reason_to_climb(void **state)
{
    (void)state;
    struct ladder ladder;
    ladder_init(&ladder);
    for (int n = 0; n < 100; n++) {
        assert_int_equal(ladder_trouble(&ladder, LADDER_LATE, ALL, n * 1000), LADDER_ESCAPE);
        ladder_answered(&ladder);
        ladder_ready(&ladder);
    }
    assert_int_equal(ladder_trouble(&ladder, LADDER_MUTE, ALL, 200000), LADDER_ESCAPE);
    ladder_answered(&ladder);
    ladder_ready(&ladder);
    /* but one that never gets ready for all that it leaves unanswered does climb */
    for (int n = 0; n < 20; n++) {
        assert_int_equal(ladder_trouble(&ladder, LADDER_LATE, ALL, 300000), LADDER_ESCAPE);
        ladder_answered(&ladder);
    }
    static const enum ladder_rung then[] = {LADDER_ESCAPE, LADDER_INIT, LADDER_RESTART};
    for (int n = 0; n < 3; n++) {
        assert_int_equal(ladder_trouble(&ladder, LADDER_LATE, ALL, 300000), then[n]);
        ladder_answered(&ladder);
    }
}

static void test_no_network_and_a_person(void **state)
{
    (void)state;
    static const struct event events[] = {
        {TROUBLE, LADDER_NETWORK, 0, LADDER_RESTART},
        {ANSWERED, 0, 20, LADDER_NONE},
        {TROUBLE, LADDER_NETWORK, 4 * MINUTE, LADDER_NONE}, /* once per cool-down, and no higher */
        {TROUBLE, LADDER_PERSON, 4 * MINUTE, LADDER_RESTART},
        {ANSWERED, 0, 5 * MINUTE, LADDER_NONE},
        {TROUBLE, LADDER_NETWORK, HOUR, LADDER_RESTART},
        {FAILED, 0, HOUR + 66, LADDER_REOPEN},
        {END, 0, 0, 0},
    };
    play(events, ALL);
}

static void test_every_rung_and_evidence_has_its_words(void **state)
{
    (void)state;
    for (int i = 0; i < LADDER_RUNG_COUNT; i++) {
        assert_true(strlen(ladder_steps[i].token) > 0 && strlen(ladder_steps[i].sentence) > 10);
        assert_true(ladder_steps[i].deadline_ms > 0 && ladder_steps[i].cooldown_ms >= 0);
    }
    for (int i = 0; i < LADDER_EVIDENCE_COUNT; i++)
        assert_true(strlen(ladder_evidence_text((enum ladder_evidence)i)) > 10);
    assert_false(ladder_rung_drops(LADDER_INIT));
    assert_true(ladder_rung_drops(LADDER_RESTART));
    assert_false(ladder_rung_drops(LADDER_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_mute_modem_climbs_every_rung_in_order),
        cmocka_unit_test(test_what_a_box_cannot_do_is_passed_over),
        cmocka_unit_test(test_no_endless_restarts),
        cmocka_unit_test(test_each_rung_cools_down),
        cmocka_unit_test(test_readiness_forgives_the_line),
        cmocka_unit_test(test_faults_of_sending),
        cmocka_unit_test(test_what_is_said_of_one_that_does_not_send),
        cmocka_unit_test(test_a_late_answer_is_no_reason_to_climb),
        cmocka_unit_test(test_no_network_and_a_person),
        cmocka_unit_test(test_every_rung_and_evidence_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
