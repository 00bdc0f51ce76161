/* SPDX-License-Identifier: EUPL-1.2 */
/* Registration and signal. Source: 3GPP TS 27.007 7.2, 10.1.20, 10.1.22, 8.5; MODEMS 1 #22. */
#include "modem/private.h"

#include "at/fields.h"

#include <string.h>

enum {
    ASK_MS = 5000, /* MODEMS 3 */
    LOOK_AGAIN_MS = 1000,
    SETTLE_MS = 100, /* a network that wavers must not drive us */
    IDLE_POLL_MS = 30000,
    SIGNAL_UNKNOWN = 99,
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
    {.commands = {"AT+CREG=1"}, .optional = true},
    {.commands = {"AT+CGREG=1"}, .optional = true},
    {.commands = {"AT+CEREG=1"}, .optional = true},
    {.commands = {NULL}},
};

/* home, roaming, and the "SMS only" and CSFB forms of both */
static bool can_send(int stat)
{
    static const int good[] = {1, 5, 6, 7, 9, 10};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (good[i] == stat)
            return true;
    return false;
}

bool modem_is_registered(const struct modem *modem)
{
    for (int i = 0; i < NETWORK_COUNT; i++)
        if (can_send(modem->registration[i]))
            return true;
    return false;
}

void modem_registration_changed(struct modem *modem)
{
    modem->network_lost = !modem_is_registered(modem);
    modem_enter(modem, modem->network_lost ? MODEM_REGISTERING : MODEM_READY);
}

static void ask_network(struct modem *modem);

static void look_again_later(struct modem *modem)
{
    static const char *const denied =
        "La red rechaza esta SIM. Compruebe con el operador que está activa.";
    static const char *const searching =
        "Buscando red. Si sigue así, revise la antena y la cobertura.";
    bool is_denied = modem->registration[NETWORK_CS] == 3 || modem->registration[NETWORK_EPS] == 3;
    modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", is_denied ? denied : searching);
    modem->network = 0;
    modem_timer(modem, LOOK_AGAIN_MS, ask_network);
}

static void not_registered(struct modem *modem)
{
    if (modem->state == MODEM_READY)
        modem_registration_changed(modem);
    else
        look_again_later(modem);
}

static void on_signal(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct at_fields fields;
    int rssi = SIGNAL_UNKNOWN;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->line_count > 0 && at_fields_init(&fields, reply->lines[0], "+CSQ:"))
        (void)at_fields_int(&fields, &rssi);
    modem->sample.signal_dbm = rssi >= 0 && rssi <= 31 ? -113 + 2 * rssi : MODEM_SAMPLE_UNKNOWN;
    if (reply->result == AT_RESULT_TIMEOUT) {
        modem->signal_is_mute = true;
        modem_resync(modem);
    } else {
        modem_registration_changed(modem);
    }
}

static void ask_signal(struct modem *modem)
{
    if (modem->signal_is_mute) {
        modem_registration_changed(modem);
        return;
    }
    modem_command(modem, &(struct at_request){.command = "AT+CSQ",
                                              .prefix = "+CSQ:",
                                              .final_ms = ASK_MS,
                                              .fn = on_signal,
                                              .user = modem});
}

static void on_network(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct at_fields fields;
    int stat = -1;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_TIMEOUT) {
        modem_resync(modem);
        return;
    }
    if (reply->line_count > 0 &&
        at_fields_init(&fields, reply->lines[0], networks[modem->network].prefix) &&
        at_fields_skip(&fields))
        (void)at_fields_int(&fields, &stat);
    modem->registration[modem->network] = stat;
    if (can_send(stat) || modem->network == 0)
        modem->sample.registration = stat;
    if (can_send(stat)) {
        ask_signal(modem);
    } else if (++modem->network < NETWORK_COUNT) {
        ask_network(modem);
    } else {
        not_registered(modem);
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

static void enabled(struct modem *modem)
{
    modem->network = 0;
    ask_network(modem);
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

static void want_sample(struct modem *modem)
{
    modem->wants_sample = true;
    modem_jobs_poke(modem);
}

bool modem_sample_job(struct modem *modem)
{
    if (!modem->wants_sample)
        return false;
    modem->wants_sample = false;
    modem->network = 0;
    ask_network(modem);
    return true;
}

void modem_enter_ready(struct modem *modem)
{
    modem_say_health(modem);
    modem_timer(modem, IDLE_POLL_MS, want_sample);
}

bool modem_network_event(struct modem *modem, const char *line)
{
    struct at_fields fields;
    int stat = -1;
    for (int i = 0; i < NETWORK_COUNT; i++) {
        if (!at_fields_init(&fields, line, networks[i].prefix))
            continue;
        /* two numbers are the answer to a question of ours, come too late: the first is no <stat>
         */
        if (!at_fields_int(&fields, &stat) || at_fields_count(&fields) == 1)
            return true;
        modem->registration[i] = stat;
        if (modem->state == MODEM_READY && !modem_is_registered(modem) && modem_can_send(modem))
            modem_registration_changed(modem);
        else if (modem->state == MODEM_REGISTERING && can_send(stat) &&
                 modem->on_timer == ask_network && !at_chat_is_busy(modem->chat))
            modem_timer(modem, SETTLE_MS, ask_signal); /* instead of the look that was due */
        return true;
    }
    return false;
}
