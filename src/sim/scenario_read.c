/* SPDX-License-Identifier: EUPL-1.2 */
/* The lines of a scenario: each becomes a command for sim_control(). */
#include "sim/control_set.h"
#include "sim/state.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a reader is in its line, and what it has to say against it. */
struct reader {
    char *at;
    const char *wrong; /* NULL = nothing yet */
};

/* The next word, cut out in place; "" at the end of the line. */
static char *take_word(struct reader *reader)
{
    char *word = reader->at + strspn(reader->at, " \t");
    char *end = word + strcspn(word, " \t");
    reader->at = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

/* Takes the rest of the line. */
static char *take_rest(struct reader *reader)
{
    char *rest = reader->at + strspn(reader->at, " \t");
    reader->at += strlen(reader->at);
    return rest;
}

/* ---- what happens ---- */

static json_t *read_fault(struct reader *reader)
{
    const char *text = take_word(reader);
    if (!sim_fault_is_valid(text))
        reader->wrong = "unknown fault, or a bad argument";
    return json_pack("{s:s, s:s}", "cmd", "fault", "fault", text);
}

static json_t *read_clear(struct reader *reader)
{
    (void)reader;
    return json_pack("{s:s}", "cmd", "clear-faults");
}

static json_t *read_urc(struct reader *reader)
{
    const char *line = take_rest(reader);
    if (line[0] == '\0')
        reader->wrong = "urc needs a line";
    return json_pack("{s:s, s:s}", "cmd", "urc", "line", line);
}

static json_t *read_deliver(struct reader *reader)
{
    const char *from = take_word(reader);
    const char *text = take_rest(reader);
    if (text[0] == '\0')
        reader->wrong = "deliver needs a sender and a text";
    return json_pack("{s:s, s:s, s:s}", "cmd", "deliver", "from", from, "text", text);
}

static json_t *read_vanish(struct reader *reader)
{
    const char *ms = take_word(reader);
    if (ms[0] == '\0' || strspn(ms, "0123456789") != strlen(ms) || strlen(ms) > 9)
        reader->wrong = "vanish needs milliseconds";
    return json_pack("{s:s, s:i}", "cmd", "vanish", "ms", (int)strtol(ms, NULL, 10));
}

/* A number where the setting wants one, else a text. */
static json_t *read_set(struct reader *reader)
{
    const char *key = take_word(reader);
    const char *text = take_rest(reader);
    char *end = NULL;
    double number = strtod(text, &end);
    json_t *command = json_pack("{s:s, s:s}", "cmd", "set", key, text);
    if (text[0] == '\0' || !sim_set_is_valid(command)) {
        json_object_set_new(command, key, json_real(*end == '\0' && isfinite(number) ? number : 0));
        if (text[0] == '\0' || *end != '\0' || !sim_set_is_valid(command))
            reader->wrong = "unknown setting or bad value";
    }
    return command;
}

static const struct {
    const char *name;
    json_t *(*read)(struct reader *reader);
} actions[] = {
    {"fault", read_fault},     {"clear-faults", read_clear}, {"urc", read_urc},
    {"deliver", read_deliver}, {"vanish", read_vanish},      {"set", read_set},
};

static json_t *read_action(struct reader *reader)
{
    const char *name = take_word(reader);
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(actions[i].name, name) == 0)
            return actions[i].read(reader);
    reader->wrong = "what happens? fault, clear-faults, urc, deliver, vanish or set";
    return NULL;
}

/* ---- when ---- */

static void read_time(struct reader *reader, struct sim_rule *rule)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
    char *end = NULL;
    const char *text = take_word(reader);
    double number = strtod(text, &end);
    double least = rule->repeats ? 0.001 : 0;
    reader->wrong = "not a time: 1.5, 10s, 20m or 2h";
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        double seconds = number * units[i].seconds;
        if (end != text && strcmp(end, units[i].unit) == 0 && seconds >= least && seconds < 1e8) {
            rule->time_us = (int64_t)(seconds * 1e6) + 1; /* 0 is no time */
            reader->wrong = NULL;
        }
    }
}

static void read_event(struct reader *reader, struct sim_rule *rule)
{
    static const char *const events[] = {"attach", "back",   "command", "detach", "ignored", "pdu",
                                         "prompt", "report", "reply",   "submit", "vanish"};
    const char *name = take_word(reader);
    const char *nth = take_word(reader);
    reader->wrong = "not an event of the log";
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strcmp(events[i], name) == 0)
            reader->wrong = NULL;
    rule->nth = (unsigned)strtoul(nth, NULL, 10);
    if (nth[0] == '\0' || strspn(nth, "0123456789") != strlen(nth) || rule->nth == 0)
        reader->wrong = reader->wrong != NULL ? reader->wrong : "which one? a number from 1";
    snprintf(rule->event, sizeof(rule->event), "%s", name);
}

static const struct {
    const char *name;
    void (*read)(struct reader *reader, struct sim_rule *rule);
    bool repeats;
} whens[] = {
    {"at", read_time, false},
    {"every", read_time, true},
    {"after", read_event, false},
    {"each", read_event, true},
};

static void read_rule(struct reader *reader, struct sim_rule *rule)
{
    const char *name = take_word(reader);
    reader->wrong = "when? at, every, after or each";
    for (size_t i = 0; i < sizeof(whens) / sizeof(whens[0]); i++) {
        if (strcmp(whens[i].name, name) == 0) {
            rule->repeats = whens[i].repeats;
            reader->wrong = NULL;
            whens[i].read(reader, rule);
        }
    }
    if (reader->wrong == NULL)
        rule->command = read_action(reader);
    if (reader->wrong == NULL && take_rest(reader)[0] != '\0')
        reader->wrong = "too much behind it";
    if (reader->wrong == NULL && rule->command == NULL)
        reader->wrong = "not UTF-8";
}

/* ---- the file ---- */

/* `#` at the beginning, or between blanks: some unsolicited lines have one too. */
static void cut_comment(char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    for (char *at = line; (at = strchr(at, '#')) != NULL; at++) {
        bool is_first = strspn(line, " \t") == (size_t)(at - line);
        if (is_first || (strchr(" \t", at[-1]) != NULL && strchr(" \t", at[1]) != NULL)) {
            *at = '\0';
            return;
        }
    }
}

/* NULL, or what is wrong with it. */
static const char *read_line(struct sim_scenario *scenario, char *line)
{
    struct reader reader = {.at = line};
    cut_comment(line);
    for (size_t len = strlen(line); len > 0 && strchr(" \t", line[len - 1]) != NULL; len--)
        line[len - 1] = '\0';
    if (line[strspn(line, " \t")] == '\0')
        return NULL;
    if (scenario->count == SIM_RULES_MAX)
        return "too many lines";
    read_rule(&reader, &scenario->rules[scenario->count++]);
    return reader.wrong;
}

static bool read_file(FILE *file, struct sim_scenario *scenario, const char *path, char *error,
                      size_t cap)
{
    char *line = NULL;
    size_t size = 0;
    const char *wrong = NULL;
    for (int number = 1; wrong == NULL && getline(&line, &size, file) >= 0; number++) {
        wrong = read_line(scenario, line);
        if (wrong != NULL)
            snprintf(error, cap, "%s:%d: %s", path, number, wrong);
    }
    free(line);
    return wrong == NULL;
}

struct sim_scenario *sim_scenario_read(const char *path, char *error, size_t cap)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        snprintf(error, cap, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct sim_scenario *scenario = sim_alloc(1, sizeof(*scenario));
    bool is_right = read_file(file, scenario, path, error, cap);
    fclose(file);
    if (is_right)
        return scenario;
    sim_scenario_free(scenario);
    return NULL;
}

void sim_scenario_free(struct sim_scenario *scenario)
{
    for (size_t i = 0; scenario != NULL && i < scenario->count; i++)
        json_decref(scenario->rules[i].command);
    free(scenario);
}
