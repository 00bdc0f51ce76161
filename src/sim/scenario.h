/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A file of things that happen by themselves, one a line:
 *
 *     at 20m fault boot-flood          20 minutes after the start; s, m or h, or plain seconds
 *     every 10s urc RING               every ten seconds
 *     after submit 3 vanish 500        once the third message has been accepted
 *     each submit 5 fault cms:38       at every fifth
 *
 * What happens is one of: fault TEXT, clear-faults, urc LINE, deliver FROM TEXT, vanish MS,
 * set KEY VALUE. The events are those of the log: attach, command, submit, report… A line that
 * begins with `#` is a comment, and what follows a lone `#`.
 */
#ifndef CC_SIM_SCENARIO_H
#define CC_SIM_SCENARIO_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

enum { SIM_RULES_MAX = 64, SIM_EVENT_SIZE = 16 };

struct sim_rule {
    int64_t time_us;            /* at, every; 0 = goes by an event */
    char event[SIM_EVENT_SIZE]; /* after, each */
    unsigned nth;
    unsigned seen;
    bool repeats;    /* every, each */
    json_t *command; /* for sim_control() */
};

struct sim_scenario {
    double speed;
    bool running; /* a command of it runs now: what that causes is no event */
    size_t count;
    struct sim_rule rules[SIM_RULES_MAX];
};

/* Owns: sim_scenario_free(). NULL with "PATH:LINE: what is wrong" in error. */
struct sim_scenario *sim_scenario_read(const char *path, char *error, size_t cap);
void sim_scenario_free(struct sim_scenario *scenario);

/* An event by its name in the log. */
void sim_scenario_event(struct sim *sim, const char *event);
void sim_scenario_done(struct sim *sim);

#endif
