/* SPDX-License-Identifier: EUPL-1.2 */
/* A scenario that plays. Its rules run from the loop, never inside what they wait for. */
#include "sim/scenario.h"

#include "sim/state.h"

#include <stdlib.h>
#include <string.h>

/* A rule on its way: one whose scenario has been replaced meanwhile is dropped. */
struct turn {
    unsigned play;
    size_t rule;
};

static void on_turn(struct sim *sim, void *arg);

static void schedule_step(struct sim *sim, size_t rule, int64_t delay_us)
{
    struct turn *turn = sim_alloc(1, sizeof(*turn));
    *turn = (struct turn){.play = sim->plays, .rule = rule};
    sim_later(sim, delay_us > 0 ? delay_us : 1, on_turn, turn);
}

static int64_t delay_of(const struct sim_scenario *scenario, const struct sim_rule *rule)
{
    return (int64_t)((double)rule->time_us / scenario->speed);
}

static void on_turn(struct sim *sim, void *arg)
{
    const struct turn *turn = arg;
    struct sim_scenario *scenario = sim->scenario;
    if (scenario == NULL || turn->play != sim->plays)
        return;
    const struct sim_rule *rule = &scenario->rules[turn->rule];
    scenario->running = true;
    json_decref(sim_control(sim, rule->command));
    scenario->running = false;
    if (rule->time_us > 0 && rule->repeats)
        schedule_step(sim, turn->rule, delay_of(scenario, rule));
}

void sim_scenario_event(struct sim *sim, const char *event)
{
    struct sim_scenario *scenario = sim->scenario;
    if (scenario == NULL || scenario->running)
        return;
    for (size_t i = 0; i < scenario->count; i++) {
        struct sim_rule *rule = &scenario->rules[i];
        if (strcmp(rule->event, event) != 0)
            continue;
        rule->seen++;
        if (rule->repeats ? rule->seen % rule->nth == 0 : rule->seen == rule->nth)
            schedule_step(sim, i, 0);
    }
}

bool sim_play(struct sim *sim, const char *path, double speed, char *error, size_t cap)
{
    struct sim_scenario *scenario = sim_scenario_read(path, error, cap);
    if (scenario == NULL)
        return false;
    sim_scenario_done(sim);
    scenario->speed = speed;
    sim->scenario = scenario;
    sim->plays++;
    for (size_t i = 0; i < scenario->count; i++)
        if (scenario->rules[i].event[0] == '\0')
            schedule_step(sim, i, delay_of(scenario, &scenario->rules[i]));
    return true;
}

void sim_scenario_done(struct sim *sim)
{
    sim_scenario_free(sim->scenario);
    sim->scenario = NULL;
}
