/* SPDX-License-Identifier: EUPL-1.2 */
/* The start-up as lists of commands: those every modem gets, and the driver's. */
#include "modem/private.h"

#include <stdio.h>
#include <string.h>

enum {
    ROW_MS = 5000,
    BUSY_RETRY_MS = 1000, /* "SIM busy" and its like, MODEMS 3 */
    BUSY_REPEATS = 30,
    REFUSED_SOON = 30, /* a second apart; then only every… */
    REFUSED_RETRY_MS = 10000,
};

static const char imei_command[] = "AT+CGSN";

/* Echo off, verbose results, numeric errors; then who it is. Answers go by position, see
 * keep_fact(). */
static const struct driver_init common_rows[] = {
    {.commands = {"ATE0V1", "ATE0"}},
    {.commands = {"AT+CMEE=1"}, .optional = true},
    {.commands = {"AT+CGMI"}, .optional = true},
    {.commands = {"AT+CGMM"}, .optional = true},
    {.commands = {"AT+CGMR"}, .optional = true},
    {.commands = {imei_command}, .optional = true},
    {.commands = {NULL}},
};

static const struct {
    const char *command;
    enum modem_fact fact;
} facts[] = {
    {"AT+CGMI", FACT_MANUFACTURER},
    {"AT+CGMM", FACT_MODEL},
    {"AT+CGMR", FACT_FIRMWARE},
};

/* What a line says as an answer to AT+CGMI and its like: some modems begin it with "+CGMI: ". */
static const char *without_name(const char *line, const char *command)
{
    const char *name = command + strlen("AT");
    size_t len = strlen(name);
    return strncmp(line, name, len) == 0 && line[len] == ':'
               ? line + len + 1 + (line[len + 1] == ' ')
               : line;
}

/*
 * An event may fall among the answer's lines, and which driver knows it is what we are asking for:
 * a line without a colon is taken before one that has it ("Revision: …").
 */
static const char *fact_in(const struct at_reply *reply, const char *command)
{
    const char *second_best = "";
    for (size_t i = 0; i < reply->line_count; i++) {
        const char *text = without_name(reply->lines[i], command);
        if (text != reply->lines[i] || strchr(text, ':') == NULL)
            return text;
        if (second_best[0] == '\0' && strchr("+*^#%$!", text[0]) == NULL)
            second_best = text;
    }
    return second_best;
}

/* 15 digits (23.003 6.2.1), bare, quoted or behind "+CGSN:"; a serial number of letters is none. */
static void keep_imei(struct modem *modem, const char *line)
{
    static const char digits[] = "0123456789";
    const char *number = line + strcspn(line, digits);
    size_t len = strspn(number, digits);
    if (len >= FIND_IMEI_DIGITS && len < sizeof(modem->imei)) /* some add the software version */
        (void)snprintf(modem->imei, sizeof(modem->imei), "%.*s", FIND_IMEI_DIGITS, number);
}

static void keep_fact(struct modem *modem, const char *command, const struct at_reply *reply)
{
    for (size_t i = 0; command == imei_command && i < reply->line_count; i++)
        keep_imei(modem, reply->lines[i]);
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        if (strcmp(command, facts[i].command) != 0)
            continue;
        (void)snprintf(modem->facts[facts[i].fact], MODEM_FACT_SIZE, "%.*s", MODEM_FACT_SIZE - 1,
                       fact_in(reply, command));
    }
}

static void run_row(struct modem *modem);

static void next_row(struct modem *modem)
{
    modem->rows.row++;
    modem->rows.alternative = 0;
    modem->rows.repeats = 0;
    run_row(modem);
}

static bool next_alternative(struct modem *modem)
{
    int next = modem->rows.alternative + 1;
    if (next == DRIVER_ALTERNATIVES || modem->rows.row->commands[next] == NULL)
        return false;
    modem->rows.alternative = next;
    run_row(modem);
    return true;
}

static void start_again(struct modem *modem)
{
    modem_enter(modem, MODEM_PROBING);
}

bool modem_reply_is_busy(const struct at_reply *reply)
{
    return reply->result == AT_RESULT_ERROR &&
           gsm_cause_class(reply->cause, false) == GSM_CLASS_BUSY;
}

/* Some refuse what they know well until they have started (SIM800 and its "SMS Ready", MODEMS 2);
 * one that was ready before has lost its mind. */
static void must_have(struct modem *modem, const char *command, struct gsm_cause why)
{
    char cause[32];
    if (modem->rows.row->patience == 0 && ++modem->rows.refusals < REFUSED_SOON) {
        modem->rows.alternative = modem->rows.repeats = 0;
        modem_timer(modem, BUSY_RETRY_MS, run_row);
        return;
    }
    if (modem->recover.had_network) {
        modem_trouble(modem, LADDER_ERRORS, NULL);
        return;
    }
    gsm_cause_format(why, cause, sizeof(cause));
    modem_set_detail(
        modem, LOG_LEVEL_WARNING,
        "El módem rechaza %s (%s): no puede enviar SMS así. Pruebe con otro modelo o firmware.",
        command, cause);
    modem_timer(modem, REFUSED_RETRY_MS, start_again);
}

void modem_rows_started(struct modem *modem)
{
    bool is_waiting = modem->on_timer == run_row || modem->on_timer == start_again;
    if (is_waiting && !at_chat_is_busy(modem->chat))
        modem_timer(modem, 0, modem->on_timer);
}

static void on_refused(struct modem *modem, const struct at_reply *reply)
{
    const char *command = modem->rows.row->commands[modem->rows.alternative];
    int repeats = modem_reply_is_busy(reply) ? BUSY_REPEATS : modem->rows.row->patience;
    if (modem->rows.repeats++ < repeats) {
        modem_timer(modem, BUSY_RETRY_MS, run_row);
        return;
    }
    if (next_alternative(modem))
        return;
    if (modem->rows.row->optional) {
        next_row(modem);
        return;
    }
    must_have(modem, command, reply->cause);
}

static bool is_skipped(const struct modem *modem, const struct driver_init *row)
{
    for (size_t i = 0; i < modem->skipped_count; i++)
        if (modem->skipped[i] == row)
            return true;
    return false;
}

/* A command that stays mute twice is left out, or named where we cannot do without. */
static void on_mute(struct modem *modem)
{
    const struct driver_init *row = modem->rows.row;
    char why[RECOVER_WHY_SIZE];
    bool is_again = modem->mute_row == row;
    modem->mute_row = row;
    if (row->optional) {
        if (is_again && modem->skipped_count < MODEM_SKIPPED)
            modem->skipped[modem->skipped_count++] = row;
        modem_resync(modem);
        return;
    }
    (void)snprintf(why, sizeof(why),
                   "El módem no responde a %s. Si no se arregla solo, desconéctelo y vuelva a "
                   "conectarlo.",
                   row->commands[modem->rows.alternative]);
    modem_trouble(modem, LADDER_MUTE, why);
}

static void on_row(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    switch (reply->result) {
    case AT_RESULT_OK:
        keep_fact(modem, modem->rows.row->commands[modem->rows.alternative], reply);
        next_row(modem);
        break;
    case AT_RESULT_ERROR:
        on_refused(modem, reply);
        break;
    case AT_RESULT_TIMEOUT:
        on_mute(modem);
        break;
    case AT_RESULT_LOST: /* the line's own event follows */
    case AT_RESULT_NONE:
        break;
    }
}

static void run_row(struct modem *modem)
{
    const char *command = modem->rows.row->commands[modem->rows.alternative];
    if (command == NULL) {
        modem->rows.done(modem);
        return;
    }
    if (is_skipped(modem, modem->rows.row)) {
        next_row(modem);
        return;
    }
    modem_command(
        modem,
        &(struct at_request){
            .command = command, .numeric = true, .final_ms = ROW_MS, .fn = on_row, .user = modem});
}

void modem_run_rows(struct modem *modem, const struct driver_init *rows,
                    void (*done)(struct modem *modem))
{
    modem->rows = (struct modem_rows){.row = rows, .done = done};
    run_row(modem);
}

static void init_done(struct modem *modem)
{
    modem->driver = driver_for(modem->facts[FACT_MANUFACTURER], modem->facts[FACT_MODEL]);
    modem_sampler_meet(modem);
    at_chat_set_gap(modem->chat, modem->driver->gap_ms);
    modem->chat_events.event_prefixes[1] = modem->driver->events;
    if (modem_find_settle(modem))
        modem_enter(modem, MODEM_SIM);
}

void modem_enter_init(struct modem *modem)
{
    memset(modem->facts, 0, sizeof(modem->facts));
    /* it may just be starting, and its driver is not known yet */
    modem->chat_events.event_prefixes[1] = driver_generic.restarts;
    modem_run_rows(modem, common_rows, init_done);
}

static void setup_done(struct modem *modem)
{
    modem_enter(modem, MODEM_REGISTERING);
}

void modem_enter_setup(struct modem *modem)
{
    const struct driver_init *rows = modem->driver->init;
    modem->inbox.memory[0] = '\0'; /* one of the rows may change it */
    modem_run_rows(modem, rows != NULL ? rows : driver_generic.init, setup_done);
}
