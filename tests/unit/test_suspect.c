/* SPDX-License-Identifier: EUPL-1.2 */
/* When a refusal for good is the modem's and not the number's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/suspect.h"

#include <stdio.h>
#include <string.h>

#define MINUTES(n) ((int64_t)(n)*60 * 1000)

enum event { SENT, REFUSED, GOOD_REFUSED, RESTARTED, HALF_AN_HOUR };

struct step {
    enum event event;
    int number;
    enum suspect_verdict wanted; /* of a refusal */
};

enum { STEPS = 9 };

static void run(const struct step *steps, size_t row)
{
    struct suspect suspect = {0};
    unsigned restarts = 0;
    int64_t now_ms = MINUTES(1000);
    for (int i = 0; i < STEPS; i++) {
        struct phone phone = {0};
        (void)snprintf(phone.e164, sizeof(phone.e164), "+3460000000%d", steps[i].number);
        if (steps[i].event == SENT)
            suspect_sent(&suspect);
        else if (steps[i].event == RESTARTED)
            restarts++;
        else if (steps[i].event == HALF_AN_HOUR)
            now_ms += MINUTES(31);
        else if (steps[i].number > 0 &&
                 suspect_refused(&suspect, i, &phone, steps[i].event == GOOD_REFUSED, restarts,
                                 now_ms) != steps[i].wanted)
            fail_msg("row %zu, step %d", row, i);
    }
}

static void test_verdicts(void **state)
{
    (void)state;
    static const struct step rows[][STEPS] = {
        /* the third of different numbers */
        {{REFUSED, 1, SUSPECT_MAYBE},
         {REFUSED, 2, SUSPECT_MAYBE},
         {REFUSED, 3, SUSPECT_HOLD},
         {REFUSED, 4, SUSPECT_HOLD},
         {.event = RESTARTED},
         {REFUSED, 1, SUSPECT_BELIEVE},
         {REFUSED, 2, SUSPECT_BELIEVE},
         {.event = SENT},
         {REFUSED, 5, SUSPECT_MAYBE}},
        /* a single number for ever is a dead number */
        {{REFUSED, 1, SUSPECT_MAYBE},
         {REFUSED, 1, SUSPECT_MAYBE},
         {REFUSED, 1, SUSPECT_MAYBE},
         {REFUSED, 1, SUSPECT_MAYBE},
         {REFUSED, 2, SUSPECT_MAYBE}},
        /* a success between */
        {{REFUSED, 1, SUSPECT_MAYBE},
         {REFUSED, 2, SUSPECT_MAYBE},
         {.event = SENT},
         {REFUSED, 3, SUSPECT_MAYBE},
         {REFUSED, 4, SUSPECT_MAYBE},
         {.event = SENT}},
        /* a number that was good */
        {{GOOD_REFUSED, 1, SUSPECT_HOLD},
         {REFUSED, 2, SUSPECT_HOLD},
         {.event = RESTARTED},
         {GOOD_REFUSED, 1, SUSPECT_BELIEVE},
         {REFUSED, 2, SUSPECT_BELIEVE},
         {.event = HALF_AN_HOUR},
         {GOOD_REFUSED, 3, SUSPECT_HOLD}},
        /* restarted for another reason before it was doubted */
        {{.event = RESTARTED},
         {GOOD_REFUSED, 1, SUSPECT_HOLD},
         {.event = HALF_AN_HOUR},
         {REFUSED, 1, SUSPECT_HOLD},
         {.event = RESTARTED},
         {REFUSED, 1, SUSPECT_BELIEVE}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        run(rows[i], i);
}

/* An outcome whose commit failed is recorded again. */
static void test_the_same_message_counts_once(void **state)
{
    (void)state;
    struct suspect suspect = {0};
    static const char *const numbers[] = {"+34600000001", "+34600000002"};
    for (int n = 0; n < 6; n++) {
        struct phone phone = {0};
        (void)snprintf(phone.e164, sizeof(phone.e164), "%s", numbers[n / 3]);
        assert_int_equal(suspect_refused(&suspect, 1 + n / 3, &phone, false, 0, 0), SUSPECT_MAYBE);
    }
    assert_int_equal(suspect.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_the_same_message_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
