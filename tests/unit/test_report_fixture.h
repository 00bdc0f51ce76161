/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A good modem but for the answers that a table gives it (test_house_reported.c): modems as public
 * reports and manuals describe them.
 */
#ifndef CC_TEST_REPORT_FIXTURE_H
#define CC_TEST_REPORT_FIXTURE_H

#include "tests/unit/test_script_fixture.h"

enum { SAYS = 12 };

/* The answer to commands that begin so, from so many PDUs on, until a command that begins as
 * `until` was given; both 0 = always. */
struct said {
    const char *command, *answer, *until;
    size_t from;
};

static struct {
    const struct said *says;
    bool is_over[SAYS];
} now;

static inline bool begins(const char *command, const char *with)
{
    return strncmp(command, with, strlen(with)) == 0;
}

static inline const char *answer_as_reported(struct script *s, const char *command)
{
    const char *answer = NULL;
    for (size_t i = 0; i < SAYS && now.says[i].command != NULL; i++) {
        const struct said *said = &now.says[i];
        if (said->until != NULL && begins(command, said->until))
            now.is_over[i] = true;
        bool is_now = !now.is_over[i] && s->pdu_count >= said->from;
        if (answer == NULL && is_now && begins(command, said->command))
            answer = said->answer;
    }
    return answer;
}

static inline struct script *script_saying(const struct said *says)
{
    memset(&now, 0, sizeof(now));
    now.says = says;
    struct script *s = script_new(answer_as_reported);
    s->line->config.final_ms = (int)(30 * SECOND);
    s->house->settings.report_window_ms = MINUTE;
    return s;
}

/* No network has it, with this <stat>, until a command that begins so. */
#define NOT_HERE(stat, until)                                                                      \
    {"AT+CREG?", "+CREG: 2," stat "\nOK", until, 0},                                               \
        {"AT+CGREG?", "+CGREG: 2," stat "\nOK", until, 0},                                         \
    {                                                                                              \
        "AT+CEREG?", "+CEREG: 2," stat "\nOK", until, 0                                            \
    }

#endif
