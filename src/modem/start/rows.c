/* SPDX-License-Identifier: EUPL-1.2 */
/* Works through rows of commands and settings, one command at a time. */
#include "at/fields.h"
#include "base/loop.h"
#include "modem/recover/recover.h"
#include "modem/start/private.h"
#include "modem/start/setting_rows.h"

#include <stdio.h>
#include <string.h>

enum {
    ROW_MS = 5000,
    BUSY_RETRY_MS = 1000, /* "SIM busy" and its like, MODEMS 3 */
    BUSY_REPEATS = 30,
    REFUSED_SOON = 30, /* a second apart; then only every… */
    REFUSED_RETRY_MS = 10000,
};

static const char *command_of(const struct modem *modem)
{
    const struct start_rows *rows = &modem->start->rows;
    return rows->row->commands[rows->alternative];
}

static void run_row(struct modem *modem);

static void next_row(struct modem *modem)
{
    struct start_rows *rows = &modem->start->rows;
    rows->row++;
    rows->alternative = 0;
    rows->repeats = 0;
    rows->has_asked = rows->is_untold = false;
    run_row(modem);
}

static bool next_alternative(struct modem *modem)
{
    struct start_rows *rows = &modem->start->rows;
    int next = rows->alternative + 1;
    if (next == DRIVER_ALTERNATIVES || rows->row->commands[next] == NULL)
        return false;
    rows->alternative = next;
    rows->repeats = 0;
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

/* Some refuse what they know well until they have started (SIM800 and its "SMS Ready", MODEMS 2):
 * true, and the row is run once more. */
static bool waits_for_start(struct modem *modem)
{
    struct start_rows *rows = &modem->start->rows;
    const struct driver_init *row = rows->row;
    if ((row->optional && !row->is_awaited) || row->patience > 0 ||
        ++rows->refusals >= REFUSED_SOON)
        return false;
    rows->alternative = rows->repeats = 0;
    wait_for_rows(modem, BUSY_RETRY_MS, run_row);
    return true;
}

/* A modem that was ready before has lost its mind. */
static void must_have(struct modem *modem)
{
    char cause[32];
    const char *command = command_of(modem);
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
    gsm_cause_format(modem->start->rows.why, cause, sizeof(cause));
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
    struct start_rows *rows = &modem->start->rows;
    int repeats = modem_reply_is_busy(reply) ? BUSY_REPEATS : rows->row->patience;
    if (rows->repeats++ >= repeats)
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

static void ask_refused_setting(struct modem *modem);

static void on_refused(struct modem *modem, const struct at_reply *reply)
{
    struct start_rows *rows = &modem->start->rows;
    const char *command = command_of(modem);
    if (is_repeated(modem, reply) || next_alternative(modem) || waits_for_start(modem))
        return;
    if (!rows->row->optional) {
        rows->why = reply->cause;
        ask_refused_setting(modem);
        return;
    }
    note_unchangeable(modem);
    modem->start->late.is_wanted |= is_of_messages(command) && modem->state == MODEM_SETUP;
    if (rows->row->refused != NULL)
        modem->start->misset = rows->row->refused;
    next_row(modem);
}

static bool is_skipped(const struct modem *modem, const struct driver_init *row)
{
    const struct start_mute *mute = &modem->start->mute;
    for (size_t i = 0; i < mute->skipped_count; i++)
        if (mute->skipped[i] == row)
            return true;
    return false;
}

/* A command that stays mute twice is left out, or named where we cannot do without. */
static void on_mute(struct modem *modem)
{
    struct start_mute *mute = &modem->start->mute;
    const struct driver_init *row = modem->start->rows.row;
    char why[RECOVER_WHY_SIZE];
    bool is_again = mute->row == row;
    mute->row = row;
    if (row->optional) {
        if (is_again && mute->skipped_count < START_SKIPPED)
            mute->skipped[mute->skipped_count++] = row;
        modem_resync(modem);
        return;
    }
    (void)snprintf(why, sizeof(why),
                   "El módem no responde a %s. Si no se arregla solo, desconéctelo y vuelva a "
                   "conectarlo.",
                   command_of(modem));
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
        if (at_value_is(value, row->wanted[i]))
            return SETTING_RIGHT;
    return SETTING_WRONG;
}

static void take_right_setting(struct modem *modem)
{
    struct start_rows *rows = &modem->start->rows;
    if (rows->has_asked)
        rows->is_changed = true;
    if (modem->start->misset == rows->row->refused)
        modem->start->misset = NULL;
    next_row(modem);
}

static void correct_setting(struct modem *modem)
{
    struct start_rows *rows = &modem->start->rows;
    if (rows->has_asked) { /* OK was said, and nothing has changed */
        on_refused(modem, &(struct at_reply){.result = AT_RESULT_ERROR});
        return;
    }
    rows->has_asked = true;
    rows->repeats = 0;
    send_command(modem);
}

/* Sets a setting that the modem does not tell, where its row allows that; it is not asked again. */
static void set_untold_setting(struct modem *modem)
{
    struct start_rows *rows = &modem->start->rows;
    if (!rows->row->is_blind || rows->has_asked) {
        next_row(modem);
        return;
    }
    rows->has_asked = rows->is_untold = true;
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

static void ask_setting_then(struct modem *modem, at_reply_fn fn)
{
    const struct driver_init *row = modem->start->rows.row;
    unsigned ms = row->wait_ms;
    modem_command(modem, &(struct at_request){.command = row->ask,
                                              .numeric = true,
                                              .prefix = row->prefix,
                                              .final_ms = ms > 0 ? ms : ROW_MS,
                                              .fn = fn,
                                              .user = modem});
}

static void ask_setting(struct modem *modem)
{
    ask_setting_then(modem, on_setting);
}

/* A setting that refuses to be set may be as wanted all the same; a modem that does not know the
 * question either has one way alone. */
static void on_refused_setting(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_TIMEOUT)
        on_mute(modem);
    else if (reply->result == AT_RESULT_ERROR ||
             read_setting(modem->start->rows.row, reply) == SETTING_RIGHT)
        next_row(modem);
    else
        must_have(modem);
}

static void ask_refused_setting(struct modem *modem)
{
    ask_setting_then(modem, on_refused_setting);
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
    start_keep_fact(modem, command, reply);
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
                                              .wants_lines = start_has_fact(command_of(modem)) &&
                                                             at_chat_is_early(modem->chat),
                                              .final_ms = ms > 0 ? ms : ROW_MS,
                                              .fn = on_row,
                                              .user = modem});
}

static void run_row(struct modem *modem)
{
    struct start_rows *rows = &modem->start->rows;
    if (command_of(modem) == NULL)
        rows->done(modem);
    else if (is_skipped(modem, rows->row))
        next_row(modem);
    else if (rows->row->ask != NULL && !rows->row->asks_last && !rows->has_asked)
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
