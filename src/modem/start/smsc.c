/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The message centre, before the first message: a card without one, or with a wrong one, sends
 * nothing. Written once per card and read again. Source: 3GPP TS 27.005 3.3.1.
 */
#include "modem/recover/recover.h"
#include "modem/start/private.h"
#include "modem/tell/reading.h"

#include <stdio.h>
#include <string.h>

enum {
    ASK_MS = 10000,
    BUSY_RETRY_MS = 1000,
    BUSY_TRIES = 10,
    COMMAND_SIZE = 48,
    INTERNATIONAL = 145,
    NATIONAL = 129,
};

static bool is_configured(const struct modem *modem)
{
    return modem->config.smsc != NULL && modem->config.smsc[0] != '\0';
}

/* The centre that the card is to have: the configured one, or the one that this card had before it
 * lost it; "" = none. */
static const char *wanted_centre(const struct modem *modem)
{
    const struct start_smsc *smsc = &modem->start->smsc;
    if (is_configured(modem))
        return modem->config.smsc;
    bool is_same_card = strcmp(smsc->known_card, modem->identity.iccid) == 0;
    return is_same_card ? smsc->known : "";
}

/* Without a configured centre, only an empty one is written over. */
static bool is_wrong(const struct modem *modem)
{
    if (!is_configured(modem) && modem->sample.smsc[0] != '\0')
        return false;
    return !reading_is_same_centre(modem->sample.smsc, wanted_centre(modem));
}

void modem_note_centre(struct modem *modem)
{
    struct start_smsc *smsc = &modem->start->smsc;
    if (modem->sample.smsc[0] == '\0' || strcmp(modem->identity.iccid, MODEM_NO_ICCID) == 0)
        return;
    memcpy(smsc->known, modem->sample.smsc, sizeof(smsc->known));
    memcpy(smsc->known_card, modem->identity.iccid, sizeof(smsc->known_card));
    if (!is_configured(modem)) /* if it is lost again, it is written again */
        smsc->has_written = false;
}

static bool was_written(const struct modem *modem)
{
    return modem->start->smsc.has_written &&
           strcmp(modem->start->smsc.card, modem->identity.iccid) == 0;
}

static void ask_smsc(struct modem *modem);

static bool retry_if_busy(struct modem *modem, const struct at_reply *reply)
{
    if (!modem_reply_is_busy(reply) || ++modem->start->smsc.tries >= BUSY_TRIES)
        return false;
    modem_set_timer(modem, BUSY_RETRY_MS, ask_smsc);
    return true;
}

static void on_written(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST || retry_if_busy(modem, reply))
        return;
    modem->start->smsc.has_written = true;
    memcpy(modem->start->smsc.card, modem->identity.iccid, sizeof(modem->identity.iccid));
    if (reply->result == AT_RESULT_TIMEOUT)
        modem_resync(modem);
    else
        ask_smsc(modem);
}

static void write_it(struct modem *modem)
{
    char command[COMMAND_SIZE];
    const char *number = wanted_centre(modem);
    int type = number[0] == '+' ? INTERNATIONAL : NATIONAL;
    (void)snprintf(command, sizeof(command), "AT+CSCA=\"%s\",%d", number, type);
    log_info("módem %s: se escribe en la SIM el centro de mensajes %s", modem->config.name,
             is_configured(modem) ? "configurado" : "que tenía y ha perdido");
    modem_command(modem,
                  &(struct at_request){
                      .command = command, .final_ms = ASK_MS, .fn = on_written, .user = modem});
}

static void on_told(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST || retry_if_busy(modem, reply))
        return;
    if (reply->result == AT_RESULT_TIMEOUT) {
        patience_note_mute(&modem->signs.patience, QUESTION_SMSC);
        modem_resync(modem);
        return;
    }
    modem->sample.smsc[0] = '\0';
    if (reply->line_count > 0)
        (void)reading_smsc(&modem->sample, reply->lines[0], 0);
    if (is_wrong(modem) && !was_written(modem))
        write_it(modem);
    else
        modem->start->smsc.settled(modem);
}

static void ask_smsc(struct modem *modem)
{
    modem_command(modem, &(struct at_request){.command = "AT+CSCA?",
                                              .prefix = "+CSCA:",
                                              .final_ms = ASK_MS,
                                              .fn = on_told,
                                              .user = modem});
}

void start_settle_smsc(struct modem *modem, void (*done)(struct modem *modem))
{
    bool is_wanted = wanted_centre(modem)[0] != '\0';
    modem->start->smsc.settled = done;
    modem->start->smsc.tries = 0;
    if (is_wanted && !patience_is_over(&modem->signs.patience, QUESTION_SMSC))
        ask_smsc(modem);
    else
        done(modem);
}
