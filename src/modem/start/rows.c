/* SPDX-License-Identifier: EUPL-1.2 */
/* The start-up as lists of commands: those every modem gets, and the driver's. */
#include "at/fields.h"
#include "base/loop.h"
#include "modem/find/open.h"
#include "modem/recover/recover.h"
#include "modem/start/private.h"
#include "modem/start/setting_rows.h"
#include "modem/tell/reading.h"

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
    MODEM_ROW_RADIO,
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

/* Value in an answer to AT+CGMI and its like: some modems begin it with "+CGMI: ", some with the
 * names by which ATI tells the same. */
static const char *without_name(const char *line, const char *command)
{
    static const char *const labels[] = {"Manufacturer:", "Model:", "Revision:"};
    const char *name = command + strlen("AT");
    size_t len = strlen(name);
    if (strncmp(line, name, len) == 0 && line[len] == ':')
        return line + len + 1 + strspn(line + len + 1, " ");
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        const char *value = at_line_behind(line, labels[i]);
        if (value != NULL && *value != '\0')
            return value;
    }
    return line;
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
    if (len >= FIND_IMEI_DIGITS &&
        len < sizeof(modem->identity.imei)) /* some add the software version */
        (void)snprintf(modem->identity.imei, sizeof(modem->identity.imei), "%.*s", FIND_IMEI_DIGITS,
                       number);
}

static void keep_fact(struct modem *modem, const char *command, const struct at_reply *reply)
{
    char text[READING_TEXT_SIZE];
    for (size_t i = 0; command == imei_command && i < reply->line_count; i++)
        keep_imei(modem, reply->lines[i]);
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        if (strcmp(command, facts[i].command) != 0)
            continue;
        const char *fact = fact_in(reply, command);
        fact += *fact == '"';
        (void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(fact, "\""), fact);
        reading_letters(text);
        (void)snprintf(modem->identity.facts[facts[i].fact], MODEM_FACT_SIZE, "%.*s",
                       MODEM_FACT_SIZE - 1, text);
    }
}

static const char *command_of(const struct modem *modem)
{
    return modem->start->rows.row->commands[modem->start->rows.alternative];
}

static void run_row(struct modem *modem);

static void next_row(struct modem *modem)
{
    modem->start->rows.row++;
    modem->start->rows.alternative = 0;
    modem->start->rows.repeats = 0;
    modem->start->rows.has_asked = modem->start->rows.is_untold = false;
    run_row(modem);
}

static bool next_alternative(struct modem *modem)
{
    int next = modem->start->rows.alternative + 1;
    if (next == DRIVER_ALTERNATIVES || modem->start->rows.row->commands[next] == NULL)
        return false;
    modem->start->rows.alternative = next;
    modem->start->rows.repeats = 0;
    run_row(modem);
    return true;
}

static void wait_for_rows(struct modem *modem, int64_t ms, void (*fn)(struct modem *modem))
{
    modem->start->rows.rerun = fn;
    modem_set_wait(modem, MODEM_WAIT_ROW, ms, fn);
}

static void start_again(struct modem *modem)
{
    modem_enter(modem, MODEM_PROBING);
}

/* How messages are told, announced and kept: some refuse that without a network. */
static bool is_of_messages(const char *command)
{
    return strncmp(command, "AT+CNMI=", 8) == 0 || strncmp(command, "AT+CPMS=", 8) == 0 ||
           strncmp(command, "AT+CMGF=", 8) == 0;
}

/* Some refuse what they know well until they have started (SIM800 and its "SMS Ready", MODEMS 2);
 * one that was ready before has lost its mind. */
static void must_have(struct modem *modem, const char *command, struct gsm_cause why)
{
    char cause[32];
    if (modem->start->rows.row->patience == 0 && ++modem->start->rows.refusals < REFUSED_SOON) {
        modem->start->rows.alternative = modem->start->rows.repeats = 0;
        wait_for_rows(modem, BUSY_RETRY_MS, run_row);
        return;
    }
    if (modem->state == MODEM_SETUP && is_of_messages(command) &&
        !modem_has_had_network(modem)) { /* perhaps for want of a network */
        modem->start->late.is_wanted = true;
        next_row(modem);
        return;
    }
    if (modem_has_had_network(modem)) {
        modem_trouble(modem, LADDER_ERRORS, NULL);
        return;
    }
    gsm_cause_format(why, cause, sizeof(cause));
    modem->shown.reason = MODEM_IS_UNFIT;
    modem_set_detail(
        modem, LOG_LEVEL_WARNING,
        "El módem rechaza %s (%s): no puede enviar SMS así. Pruebe con otro modelo o firmware.",
        command, cause);
    wait_for_rows(modem, REFUSED_RETRY_MS, start_again);
}

bool start_rerun_rows(struct modem *modem)
{
    bool is_waiting = modem->timer.wait == MODEM_WAIT_ROW;
    if (is_waiting)
        wait_for_rows(modem, 0, modem->start->rows.rerun);
    return is_waiting;
}

/* True: the modem is busy, or has not started yet, and the row is run again in a moment. */
static bool is_repeated(struct modem *modem, const struct at_reply *reply)
{
    int repeats = modem_reply_is_busy(reply) ? BUSY_REPEATS : modem->start->rows.row->patience;
    if (modem->start->rows.repeats++ >= repeats)
        return false;
    wait_for_rows(modem, BUSY_RETRY_MS, run_row);
    return true;
}

/* A setting that cannot be changed is not taken for lost whenever it is looked at. */
static void note_unchangeable(struct modem *modem)
{
    static const struct {
        const char *ask;
        int question; /* enum modem_question */
    } looked_at[] = {{"AT+CFUN?", QUESTION_FUNCTION},
                     {"AT+CMGF?", QUESTION_FORMAT},
                     {"AT+CSCS?", QUESTION_CHARACTERS}};
    const char *ask = modem->start->rows.row->ask;
    for (size_t i = 0; ask != NULL && i < sizeof(looked_at) / sizeof(looked_at[0]); i++)
        if (strcmp(ask, looked_at[i].ask) == 0)
            (void)patience_note_setting(&modem->signs.patience, looked_at[i].question, false);
}

static void on_refused(struct modem *modem, const struct at_reply *reply)
{
    const char *command = command_of(modem);
    if (is_repeated(modem, reply) || next_alternative(modem))
        return;
    if (!modem->start->rows.row->optional) {
        must_have(modem, command, reply->cause);
        return;
    }
    note_unchangeable(modem);
    modem->start->late.is_wanted |= is_of_messages(command) && modem->state == MODEM_SETUP;
    if (modem->start->rows.row->refused != NULL)
        modem->start->misset = modem->start->rows.row->refused;
    next_row(modem);
}

static bool is_skipped(const struct modem *modem, const struct driver_init *row)
{
    for (size_t i = 0; i < modem->start->mute.skipped_count; i++)
        if (modem->start->mute.skipped[i] == row)
            return true;
    return false;
}

/* A command that stays mute twice is left out, or named where we cannot do without. */
static void on_mute(struct modem *modem)
{
    const struct driver_init *row = modem->start->rows.row;
    char why[RECOVER_WHY_SIZE];
    bool is_again = modem->start->mute.row == row;
    modem->start->mute.row = row;
    if (row->optional) {
        if (is_again && modem->start->mute.skipped_count < START_SKIPPED)
            modem->start->mute.skipped[modem->start->mute.skipped_count++] = row;
        modem_resync(modem);
        return;
    }
    (void)snprintf(why, sizeof(why),
                   "El módem no responde a %s. Si no se arregla solo, desconéctelo y vuelva a "
                   "conectarlo.",
                   row->commands[modem->start->rows.alternative]);
    modem_trouble(modem, LADDER_MUTE, why);
}

static void send_command(struct modem *modem);

/* ---- a setting that can be asked for ----------------------------------------------------------
 */

enum setting { SETTING_UNKNOWN, SETTING_RIGHT, SETTING_WRONG };

static enum setting read_setting(const struct driver_init *row, const struct at_reply *reply)
{
    struct at_fields fields;
    char value[MODEM_FACT_SIZE];
    if (reply->line_count == 0 || !at_fields_init(&fields, reply->lines[0], row->prefix) ||
        !at_fields_text(&fields, value, sizeof(value)) || value[0] == '\0')
        return SETTING_UNKNOWN;
    for (size_t i = 0; i < DRIVER_WANTED && row->wanted[i] != NULL; i++)
        if (strcmp(value, row->wanted[i]) == 0)
            return SETTING_RIGHT;
    return SETTING_WRONG;
}

static void take_right_setting(struct modem *modem)
{
    if (modem->start->rows.has_asked)
        modem->start->rows.is_changed = true;
    if (modem->start->misset == modem->start->rows.row->refused)
        modem->start->misset = NULL;
    next_row(modem);
}

static void correct_setting(struct modem *modem)
{
    if (modem->start->rows.has_asked) { /* OK was said, and nothing has changed */
        on_refused(modem, &(struct at_reply){.result = AT_RESULT_ERROR});
        return;
    }
    modem->start->rows.has_asked = true;
    modem->start->rows.repeats = 0;
    send_command(modem);
}

/* Sets a setting that the modem does not tell, where its row allows that; it is not asked again. */
static void set_untold_setting(struct modem *modem)
{
    if (!modem->start->rows.row->is_blind || modem->start->rows.has_asked) {
        next_row(modem);
        return;
    }
    modem->start->rows.has_asked = modem->start->rows.is_untold = true;
    send_command(modem);
}

static void on_setting(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_TIMEOUT) {
        on_mute(modem);
        return;
    }
    if (modem_reply_is_busy(reply) && is_repeated(modem, reply))
        return;
    switch (read_setting(modem->start->rows.row, reply)) {
    case SETTING_RIGHT:
        take_right_setting(modem);
        break;
    case SETTING_WRONG:
        correct_setting(modem);
        break;
    case SETTING_UNKNOWN:
        set_untold_setting(modem);
        break;
    }
}

static void ask_setting(struct modem *modem)
{
    unsigned ms = modem->start->rows.row->wait_ms;
    modem_command(modem, &(struct at_request){.command = modem->start->rows.row->ask,
                                              .numeric = true,
                                              .prefix = modem->start->rows.row->prefix,
                                              .final_ms = ms > 0 ? ms : ROW_MS,
                                              .fn = on_setting,
                                              .user = modem});
}

static void note_echo_off(struct modem *modem, const char *command)
{
    (void)command;
    modem->start->echoes = 0;
}

static void note_radio_on(struct modem *modem, const char *command)
{
    (void)command;
    modem->start->radio_on_us = loop_now_us(modem->loop);
    restarts_expect(&modem->signs.restarts, MODEM_RADIO_MS, modem->start->radio_on_us);
    log_notice("módem %s: tenía la radio apagada y se ha encendido", modem->config.name);
}

static void note_memory(struct modem *modem, const char *command)
{
    (void)command;
    modem->start->has_memories = true;
}

static void note_5g(struct modem *modem, const char *command)
{
    (void)command;
    modem->start->network.has_5g = true;
}

static void note_notify(struct modem *modem, const char *command)
{
    modem->start->notify = command;
}

static void note_no_acknowledgement(struct modem *modem, const char *command)
{
    (void)command;
    modem->start->wants_acknowledgement = false;
}

/* Facts to remember of a command that was taken. */
static const struct {
    const char *begins;
    void (*note)(struct modem *modem, const char *command);
} effects[] = {
    {"ATE0", note_echo_off}, {"AT+CFUN=1", note_radio_on}, {"AT+CNMI=", note_notify},
    {"AT+C5GREG=", note_5g}, {"AT+CPMS=", note_memory},    {"AT+CSMS=0", note_no_acknowledgement},
};

static void finish_row(struct modem *modem, const struct at_reply *reply)
{
    const char *command = command_of(modem);
    keep_fact(modem, command, reply);
    for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++)
        if (strncmp(command, effects[i].begins, strlen(effects[i].begins)) == 0)
            effects[i].note(modem, command);
    if (modem->start->rows.has_asked && !modem->start->rows.is_untold)
        ask_setting(modem); /* OK is no proof */
    else
        next_row(modem);
}

static void on_row(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    switch (reply->result) {
    case AT_RESULT_OK:
        finish_row(modem, reply);
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

static void send_command(struct modem *modem)
{
    unsigned ms = modem->start->rows.row->wait_ms;
    modem_command(modem, &(struct at_request){.command = command_of(modem),
                                              .numeric = true,
                                              .final_ms = ms > 0 ? ms : ROW_MS,
                                              .fn = on_row,
                                              .user = modem});
}

static void run_row(struct modem *modem)
{
    if (command_of(modem) == NULL)
        modem->start->rows.done(modem);
    else if (is_skipped(modem, modem->start->rows.row))
        next_row(modem);
    else if (modem->start->rows.row->ask != NULL && !modem->start->rows.has_asked)
        ask_setting(modem);
    else
        send_command(modem);
}

bool modem_has_changed_settings(const struct modem *modem)
{
    return modem->start->rows.is_changed;
}

bool modem_wants_acknowledgement(const struct modem *modem)
{
    return modem->start->wants_acknowledgement;
}

bool modem_has_memories(const struct modem *modem)
{
    return modem->start->has_memories;
}

bool modem_has_5g(const struct modem *modem)
{
    return modem->start->network.has_5g;
}

const char *modem_notify_setting(const struct modem *modem)
{
    return modem->start->notify;
}

void modem_run_rows(struct modem *modem, const struct driver_init *rows,
                    void (*done)(struct modem *modem))
{
    modem->start->rows = (struct start_rows){.row = rows, .done = done};
    run_row(modem);
}

static void init_done(struct modem *modem)
{
    modem->driver = driver_find(modem->config.drivers, modem->identity.facts[FACT_MANUFACTURER],
                                modem->identity.facts[FACT_MODEL]);
    modem->start->is_echo_off = modem->start->echoes == 0;
    patience_meet(&modem->signs.patience, modem->driver, modem->identity.imei);
    modem_start_set_gap(modem);
    modem->chat_events.event_prefixes[1] = modem->driver->events;
    if (modem_find_settle(modem))
        modem_enter(modem, MODEM_SIM);
}

void modem_start_enter_init(struct modem *modem)
{
    memset(modem->identity.facts, 0, sizeof(modem->identity.facts));
    modem->start->is_echo_off = false;
    modem->start->notify = NULL;
    modem->start->network.has_5g = modem->start->has_memories = false;
    modem->start->wants_acknowledgement = true;
    modem->chat_events.event_prefixes[1] = NULL; /* its driver is not known yet */
    modem_run_rows(modem, common_rows, init_done);
}
