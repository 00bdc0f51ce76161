/* SPDX-License-Identifier: EUPL-1.2 */
/* The first commands that every modem gets, and what their answers tell: who it is, and so which
 * driver it has. */
#include "at/fields.h"
#include "modem/find/open.h"
#include "modem/recover/recover.h"
#include "modem/start/private.h"
#include "modem/start/setting_rows.h"
#include "modem/tell/reading.h"

#include <stdio.h>
#include <string.h>

enum { UNFIT_RETRY_MS = 60000 };

static const char imei_command[] = "AT+CGSN";

/* Echo off, verbose results, numeric errors; then who it is. Answers go by position, see
 * start_keep_fact(). */
static const struct driver_init common_rows[] = {
    {.commands = {"ATE0V1", "ATE0", "ATV1"}, .optional = true, .is_awaited = true},
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

bool start_has_fact(const char *command)
{
    bool has_fact = command == imei_command;
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
        has_fact = has_fact || strcmp(command, facts[i].command) == 0;
    return has_fact;
}

void start_keep_fact(struct modem *modem, const char *command, const struct at_reply *reply)
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

static void start_again(struct modem *modem)
{
    modem_enter(modem, MODEM_PROBING);
}

/* Another modem may be behind the same port one day. */
static void stay_unfit(struct modem *modem)
{
    modem->shown.reason = MODEM_IS_UNFIT;
    modem_set_detail(modem, LOG_LEVEL_ERROR, "%s", modem->driver->unfit);
    modem_set_timer(modem, UNFIT_RETRY_MS, start_again);
}

static void init_done(struct modem *modem)
{
    modem->driver = driver_find(modem->config.drivers, modem->identity.facts[FACT_MANUFACTURER],
                                modem->identity.facts[FACT_MODEL]);
    modem->start->is_echo_off = modem->start->echoes == 0;
    patience_meet(&modem->signs.patience, modem->driver, modem->identity.imei);
    modem_start_set_gap(modem);
    modem->chat_events.event_prefixes[1] = modem->driver->events;
    if (!modem_find_settle(modem))
        return;
    if (modem->driver->unfit != NULL)
        stay_unfit(modem);
    else
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
