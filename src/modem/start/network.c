/* SPDX-License-Identifier: EUPL-1.2 */
/* Registration and signal. Source: 3GPP TS 27.007 7.2, 10.1.20, 10.1.22, 8.5; MODEMS 1 #22. */
#include "modem/core.h"
#include "modem/start/settings.h"

#include "at/fields.h"

#include <string.h>

enum {
    ASK_MS = 5000, /* MODEMS 3 */
    LOOK_AGAIN_MS = 1000,
    LOOKS_PER_CHECK = 10, /* the radio is asked for in the first look, and in each tenth */
    SETTLE_MS = 100,      /* a network that wavers must not drive us */
};

static const struct {
    const char *prefix;
    const char *ask;
} networks[NETWORK_COUNT] = {
    [NETWORK_CS] = {"+CREG:", "AT+CREG?"},
    [NETWORK_PS] = {"+CGREG:", "AT+CGREG?"},
    [NETWORK_EPS] = {"+CEREG:", "AT+CEREG?"},
};

static const struct driver_init enable_rows[] = {
    /* 2 tells the cell too */
    {.commands = {"AT+CREG=2", "AT+CREG=1"}, .optional = true},
    {.commands = {"AT+CGREG=2", "AT+CGREG=1"}, .optional = true},
    {.commands = {"AT+CEREG=2", "AT+CEREG=1"}, .optional = true},
    MODEM_ROW_END,
};

bool modem_is_registered(const struct modem *modem)
{
    for (int i = 0; i < NETWORK_COUNT; i++)
        if (reading_can_send(modem->registration[i]))
            return true;
    return false;
}

void modem_registration_changed(struct modem *modem)
{
    modem->network_lost = !modem_is_registered(modem);
    modem_enter(modem, modem->network_lost ? MODEM_REGISTERING : MODEM_READY);
}

static void ask_network(struct modem *modem);

bool modem_is_denied(const struct modem *modem)
{
    return modem->registration[NETWORK_CS] == 3 || modem->registration[NETWORK_EPS] == 3;
}

static void wait_to_look(struct modem *modem)
{
    modem->network = 0;
    modem_timer(modem, LOOK_AGAIN_MS, ask_network);
}

static void say_and_wait(struct modem *modem)
{
    const char *sentence = "Buscando red. Si sigue así, revise la antena y la cobertura.";
    if (modem->misset != NULL)
        sentence = modem->misset;
    else if (modem_is_denied(modem))
        sentence = "La red rechaza esta SIM. Compruebe con el operador que está activa.";
    modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", sentence);
    wait_to_look(modem);
}

static void radio_asked(struct modem *modem)
{
    if (modem->rows.is_changed) /* no antenna is to blame yet */
        wait_to_look(modem);
    else
        say_and_wait(modem);
}

/* No network: before an antenna is blamed, the settings that keep one off. */
static void look_again_later(struct modem *modem)
{
    bool is_denied = modem_is_denied(modem);
    if (modem->restarted && modem_state_after_restart(modem, MODEM_REGISTERING) == MODEM_PROBING)
        modem_enter(modem, MODEM_PROBING);
    else if (is_denied && modem_heal(modem, LADDER_DENIED))
        return;
    else if (!is_denied && modem->network_looks++ % LOOKS_PER_CHECK == 0)
        modem_run_rows(modem, modem_radio_rows, radio_asked);
    else
        say_and_wait(modem);
}

static void on_signal(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->line_count > 0)
        (void)reading_signal(&modem->sample, reply->lines[0], 0);
    if (reply->result == AT_RESULT_TIMEOUT) {
        modem_question_is_mute(modem, QUESTION_SIGNAL);
        modem_resync(modem);
    } else {
        modem_registration_changed(modem);
    }
}

/* A breath between "registered" and "ready", in which a network that wavers is gone again. */
static void ask_signal(struct modem *modem)
{
    if (modem_question_is_out(modem, QUESTION_SIGNAL)) {
        modem_registration_changed(modem);
        return;
    }
    modem_command(modem, &(struct at_request){.command = "AT+CSQ",
                                              .prefix = "+CSQ:",
                                              .final_ms = ASK_MS,
                                              .fn = on_signal,
                                              .user = modem});
}

bool modem_take_registration(struct modem *modem, enum modem_network network, const char *line)
{
    struct reading_registration told;
    if (!reading_registration(line, networks[network].prefix, &told))
        return false;
    modem->registration[network] = told.stat;
    modem->places[network] = told;
    modem_fill_registration(modem, &modem->sample);
    return true;
}

/* How much the word of a network counts: one that messages can go by before any other, and of
 * those one that tells its cell. */
static int weight(const struct modem *modem, enum modem_network network)
{
    int stat = modem->registration[network];
    if (!reading_can_send(stat))
        return stat > 0 ? 2 : stat == 0;
    return modem->places[network].area != MODEM_SAMPLE_UNKNOWN ? 4 : 3;
}

static enum modem_network network_that_counts(const struct modem *modem)
{
    enum modem_network best = NETWORK_EPS;
    if (weight(modem, NETWORK_CS) > weight(modem, best))
        best = NETWORK_CS;
    if (weight(modem, NETWORK_PS) > weight(modem, best))
        best = NETWORK_PS;
    return best;
}

void modem_fill_registration(const struct modem *modem, struct modem_sample *sample)
{
    static const int roaming[] = {5, 7, 10};
    enum modem_network network = network_that_counts(modem);
    int stat = modem->registration[network];
    const struct reading_registration *place = &modem->places[network];
    sample->registration = stat >= 0 ? stat : MODEM_SAMPLE_UNKNOWN;
    sample->is_roaming = reading_can_send(stat) ? 0 : MODEM_SAMPLE_UNKNOWN;
    for (size_t i = 0; i < sizeof(roaming) / sizeof(roaming[0]); i++)
        if (stat == roaming[i])
            sample->is_roaming = 1;
    if (stat < 0)
        return;
    sample->area = place->area;
    sample->cell = place->cell;
    if (place->rat != MODEM_SAMPLE_UNKNOWN)
        sample->rat = place->rat;
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
        if (!modem_take_registration(modem, (enum modem_network)modem->network, reply->lines[i]))
            modem_nonsense(modem, NONSENSE_REGISTRATION);
    if (reading_can_send(modem->registration[modem->network])) {
        ask_signal(modem);
    } else if (++modem->network < NETWORK_COUNT) {
        ask_network(modem);
    } else {
        look_again_later(modem);
    }
}

static void ask_network(struct modem *modem)
{
    modem_command(modem, &(struct at_request){.command = networks[modem->network].ask,
                                              .prefix = networks[modem->network].prefix,
                                              .min_fields = 2,
                                              .final_ms = ASK_MS,
                                              .fn = on_network,
                                              .user = modem});
}

static void begin_to_ask(struct modem *modem)
{
    modem->network = 0;
    ask_network(modem);
}

static void enabled(struct modem *modem)
{
    modem_settle_smsc(modem, begin_to_ask);
}

void modem_enter_registering(struct modem *modem)
{
    if (modem->network_lost) { /* it has just told: a network that wavers must not drive us */
        modem->network_lost = false;
        look_again_later(modem);
        return;
    }
    for (int i = 0; i < NETWORK_COUNT; i++)
        modem->registration[i] = -1;
    modem_run_rows(modem, enable_rows, enabled);
}

void modem_enter_ready(struct modem *modem)
{
    modem->misset = NULL;
    modem->network_looks = 0;
    modem_say_health(modem);
    modem_sampler_resume(modem);
}

/* An event has told something new: lost while ready, or found while searching. */
static void act_on(struct modem *modem, int stat)
{
    if (modem->state == MODEM_READY && !modem_is_registered(modem) && modem_can_send(modem))
        modem_registration_changed(modem);
    else if (modem->state == MODEM_REGISTERING && reading_can_send(stat) &&
             modem->on_timer == ask_network && !at_chat_is_busy(modem->chat))
        modem_timer(modem, SETTLE_MS, ask_signal); /* instead of the look that was due */
}

bool modem_network_event(struct modem *modem, const char *line)
{
    struct reading_registration told;
    for (int i = 0; i < NETWORK_COUNT; i++) {
        if (at_line_behind(line, networks[i].prefix) == NULL)
            continue;
        /* the answer to a question of ours, come too late, tells nothing of now */
        if (reading_registration(line, networks[i].prefix, &told) && told.is_answer)
            return true;
        if (modem_take_registration(modem, (enum modem_network)i, line))
            act_on(modem, told.stat);
        else
            modem_nonsense(modem, NONSENSE_REGISTRATION);
        return true;
    }
    return false;
}
