/* SPDX-License-Identifier: EUPL-1.2 */
/* Registration and signal. Source: 3GPP TS 27.007 7.2, 10.1.20, 10.1.22, 10.1.47, 8.5; MODEMS 1
 * #22. */
#include "modem/recover/recover.h"
#include "modem/start/private.h"
#include "modem/start/setting_rows.h"

#include "at/fields.h"

#include <string.h>

enum {
    ASK_MS = 5000, /* MODEMS 3 */
    LOOK_AGAIN_MS = 1000,
    LOOKS_PER_CHECK = 10, /* the radio is asked for in the first look, and in each tenth */
    SETTLE_MS = 100,      /* a network that wavers must not drive us */
};

static const char *const questions[NETWORK_COUNT] = {[NETWORK_CS] = "AT+CREG?",
                                                     [NETWORK_PS] = "AT+CGREG?",
                                                     [NETWORK_EPS] = "AT+CEREG?",
                                                     [NETWORK_5GS] = "AT+C5GREG?"};

static const struct driver_init enable_rows[] = {
    /* 2 tells the cell too */
    {.commands = {"AT+CREG=2", "AT+CREG=1"}, .optional = true},
    {.commands = {"AT+CGREG=2", "AT+CGREG=1"}, .optional = true},
    {.commands = {"AT+CEREG=2", "AT+CEREG=1"}, .optional = true},
    {.commands = {"AT+C5GREG=2", "AT+C5GREG=1"}, .optional = true},
    MODEM_ROW_SERVICE,
    MODEM_ROW_END,
};

void modem_follow_registration(struct modem *modem)
{
    modem->start->network.is_lost = !registration_is_good(&modem->registration);
    modem_enter(modem, modem->start->network.is_lost ? MODEM_REGISTERING : MODEM_READY);
}

static void ask_network(struct modem *modem);

static void wait_to_look(struct modem *modem)
{
    modem->start->network.asked = 0;
    modem_set_wait(modem, MODEM_WAIT_NETWORK, LOOK_AGAIN_MS, ask_network);
}

static void say_and_wait(struct modem *modem)
{
    const char *sentence = "Buscando red. Si sigue así, revise la antena y la cobertura.";
    bool is_emergency = registration_is_emergency(&modem->registration);
    bool is_barred = is_emergency || registration_is_denied(&modem->registration);
    modem->shown.reason = modem->start->misset != NULL ? MODEM_IS_UNFIT
                          : is_barred                  ? MODEM_IS_BARRED
                                                       : MODEM_NO_REASON;
    if (modem->start->misset != NULL)
        sentence = modem->start->misset;
    else if (is_emergency)
        sentence = "La red solo admite llamadas de emergencia con esta SIM. Compruebe con el "
                   "operador que está activa y que esta es su red.";
    else if (is_barred)
        sentence = "La red rechaza esta SIM. Compruebe con el operador que está activa.";
    modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", sentence);
    wait_to_look(modem);
}

static void blame_network(struct modem *modem)
{
    if (!registration_is_denied(&modem->registration) || !modem_heal(modem, LADDER_DENIED))
        say_and_wait(modem);
}

static void radio_asked(struct modem *modem)
{
    if (modem_has_changed_settings(modem)) /* no antenna is to blame yet */
        wait_to_look(modem);
    else
        blame_network(modem);
}

/* No network: before an antenna or the operator is blamed, the settings that keep one off. */
static void look_again_later(struct modem *modem)
{
    bool is_idle = registration_is_idle(&modem->registration);
    if (modem->doubts.is_restarted &&
        modem_state_after_restart(modem, MODEM_REGISTERING) == MODEM_PROBING)
        modem_enter(modem, MODEM_PROBING);
    else if (modem->start->network.looks++ % LOOKS_PER_CHECK == 0)
        modem_run_rows(modem, is_idle ? start_attach_rows : start_radio_rows, radio_asked);
    else
        blame_network(modem);
}

static void on_signal(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->line_count > 0)
        (void)reading_signal(&modem->sample, reply->lines[0], 0);
    if (reply->result == AT_RESULT_TIMEOUT) {
        patience_note_mute(&modem->signs.patience, QUESTION_SIGNAL);
        modem_resync(modem);
    } else if (!registration_is_good(&modem->registration) ||
               !start_run_late_rows(modem, modem_follow_registration)) {
        modem_follow_registration(modem);
    }
}

/* A breath between "registered" and "ready", in which a network that wavers is gone again. */
static void ask_signal(struct modem *modem)
{
    if (patience_is_over(&modem->signs.patience, QUESTION_SIGNAL)) {
        modem_follow_registration(modem);
        return;
    }
    modem_command(modem, &(struct at_request){.command = "AT+CSQ",
                                              .prefix = "+CSQ:",
                                              .final_ms = ASK_MS,
                                              .fn = on_signal,
                                              .user = modem});
}

bool modem_take_registration(struct modem *modem, enum registration_network network,
                             const char *line)
{
    if (!registration_take(&modem->registration, network, line))
        return false;
    registration_fill(&modem->registration, &modem->sample);
    return true;
}

/* 5G is asked of a modem that knows the question. */
static int count_networks(const struct modem *modem)
{
    return modem_has_5g(modem) ? NETWORK_COUNT : NETWORK_5GS;
}

static void on_network(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_TIMEOUT) {
        modem_trouble(modem, LADDER_MUTE, NULL);
        return;
    }
    for (size_t i = 0; i < reply->line_count; i++)
        if (!modem_take_registration(modem, (enum registration_network)modem->start->network.asked,
                                     reply->lines[i]))
            modem_note_nonsense(modem, NONSENSE_REGISTRATION);
    if (reading_can_send(modem->registration.stat[modem->start->network.asked])) {
        ask_signal(modem);
    } else if (++modem->start->network.asked < count_networks(modem)) {
        ask_network(modem);
    } else {
        look_again_later(modem);
    }
}

static void ask_network(struct modem *modem)
{
    modem_command(modem,
                  &(struct at_request){.command = questions[modem->start->network.asked],
                                       .prefix = registration_prefixes[modem->start->network.asked],
                                       .min_fields = 2,
                                       .final_ms = ASK_MS,
                                       .fn = on_network,
                                       .user = modem});
}

static void begin_to_ask(struct modem *modem)
{
    modem->start->network.asked = 0;
    ask_network(modem);
}

static void on_enabled(struct modem *modem)
{
    start_settle_smsc(modem, begin_to_ask);
}

void modem_start_enter_registering(struct modem *modem)
{
    struct start_network *network = &modem->start->network;
    if (network->is_lost) { /* told a moment ago: a network that wavers must not drive us */
        network->is_lost = false;
        look_again_later(modem);
        return;
    }
    registration_clear(&modem->registration);
    modem_run_rows(modem, enable_rows, on_enabled);
}

void modem_start_enter_ready(struct modem *modem)
{
    modem->start->misset = NULL;
    modem->start->network.looks = 0;
}

/* An event has told something new: lost while ready, or found while searching. */
static void act_on(struct modem *modem, int stat)
{
    if (modem->state == MODEM_READY && !registration_is_good(&modem->registration) &&
        modem_can_send(modem))
        modem_follow_registration(modem);
    else if (modem->state == MODEM_REGISTERING && reading_can_send(stat) &&
             modem->timer.wait == MODEM_WAIT_NETWORK && !at_chat_is_busy(modem->chat))
        modem_set_timer(modem, SETTLE_MS, ask_signal); /* instead of the look that was due */
}

bool start_take_network_event(struct modem *modem, const char *line)
{
    struct reading_registration told;
    for (int i = 0; i < NETWORK_COUNT; i++) {
        if (at_line_behind(line, registration_prefixes[i]) == NULL)
            continue;
        /* the answer to a question of ours, come too late, tells nothing of now */
        if (reading_registration(line, registration_prefixes[i], &told) && told.is_answer)
            return true;
        if (modem_take_registration(modem, (enum registration_network)i, line))
            act_on(modem, told.stat);
        else
            modem_note_nonsense(modem, NONSENSE_REGISTRATION);
        return true;
    }
    return false;
}
