/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * When the settings that the work depends on are gone through again: all of them after a sign that
 * they are lost, some of them after an error or a lack that one of them may explain.
 */
#include "modem/start/setting_rows.h"

#include "at/command.h"
#include "base/loop.h"
#include "modem/start/private.h"

#include <string.h>

enum {
    FORGOTTEN_MS = 3000,     /* a question from before a restart stays without an answer */
    FRESH_US = 10 * 1000000, /* from AT+CFUN=1 to a card that answers */
};

/* For so long, an echo that comes back again says no more. */
#define ECHO_US (INT64_C(3600) * 1000 * 1000)

const struct driver_init start_card_rows[] = {MODEM_ROW_RADIO, MODEM_ROW_END};
const struct driver_init start_radio_rows[] = {MODEM_ROW_RADIO, MODEM_ROW_NETWORK, MODEM_ROW_END};
const struct driver_init start_attach_rows[] = {MODEM_ROW_RADIO, MODEM_ROW_NETWORK,
                                                MODEM_ROW_ATTACHED, MODEM_ROW_END};
const struct driver_init modem_text_rows[] = {MODEM_ROW_CHARACTERS, MODEM_ROW_END};
const struct driver_init modem_refusal_rows[] = {MODEM_ROW_RADIO, MODEM_ROW_FORMAT,
                                                 MODEM_ROW_SERVICE, MODEM_ROW_END};

bool start_is_radio_fresh(const struct modem *modem)
{
    return modem->start->radio_on_us != 0 &&
           loop_now_us(modem->loop) - modem->start->radio_on_us < FRESH_US;
}

/* Between two commands. */
static bool can_begin_now(const struct modem *modem)
{
    if (modem->state == MODEM_READY)
        return modem_can_send(modem);
    return modem->state > MODEM_INIT && !at_chat_is_busy(modem->chat) &&
           modem_may_begin_again(modem);
}

void modem_distrust(struct modem *modem)
{
    if (modem->state <= MODEM_PROBING)
        return; /* everything is yet to be set */
    modem->doubts.is_restarted = true;
    modem_forget(modem, MODEM_FORGET_SETTINGS);
    if (can_begin_now(modem))
        modem_enter(modem, MODEM_PROBING);
}

void modem_start_note_echo(struct modem *modem)
{
    struct modem_start *start = modem->start;
    int64_t now_us = loop_now_us(modem->loop);
    bool is_told = start->echo_us != 0 && now_us - start->echo_us < ECHO_US;
    start->echoes++;
    if (!start->is_echo_off || is_told)
        return;
    start->echo_us = now_us;
    start->is_echo_off = false;
    modem_distrust(modem);
}

/* ---- signs ------------------------------------------------------------------------------------
 */

static const char *find_word(const char *const *words, const char *line)
{
    for (; words != NULL && *words != NULL; words++)
        if (strncmp(line, *words, strlen(*words)) == 0)
            return *words;
    return NULL;
}

/* The card's word for "open" also follows its PIN and a look at it, and all of them a radio that
 * was just switched on: no setting is lost then. */
static bool is_expected(const struct modem *modem, const char *word)
{
    bool is_at_card = modem->state == MODEM_SIM || modem->state == MODEM_UNLOCKING;
    return (is_at_card && strncmp(word, "+CPIN:", 6) == 0) || start_is_radio_fresh(modem);
}

static void on_start(struct modem *modem, const char *word)
{
    bool has_rows = modem->state == MODEM_INIT || modem->state == MODEM_SETUP;
    restarts_note(&modem->signs.restarts, word, loop_now_us(modem->loop));
    if ((has_rows && start_rerun_rows(modem)) || is_expected(modem, word))
        return;
    if (modem->start->pin.step == PIN_GIVEN) /* the card may not have got it: its counter tells */
        modem->start->pin.step = PIN_BUSY;
    if (modem->state > MODEM_PROBING)
        at_chat_hasten(modem->chat, FORGOTTEN_MS);
    modem_distrust(modem);
}

bool start_take_settings_event(struct modem *modem, const char *line)
{
    /* out of the blue: another card, or none */
    static const char *const card_words[] = {
        "+CPIN: NOT INSERTED",
        "+CPIN: SIM REMOVED",
        "+CPIN: SIM CRASH",
        "+CPIN: NOT READY",
        "+CPIN: SIM PIN",
        "+CPIN: SIM PUK",
        "+CPIN: SIM FAILURE",
        "+CPIN: SIM NOT",
        "+CPIN: NOT_INSERTED",
        "^SIMST:255",
        "^SIMST: 255",
        "^SIMST:0",
        "+QSIMSTAT: 1,0",
        "+CSMINS: 1,0",
        "^SCKS: 0",
        "#QSS: 0",
        "+SIMCARD: NOT",
        "SIMCARD: NOT",
        "+SIM DROP",
        "+SIM: REMOVED",
        NULL,
    };
    static const char *const supply_words[] = {
        "UNDER-VOLTAGE", "UNDER_VOLTAGE", "OVER-VOLTAGE", "OVER_VOLTAGE",
        "^SBC: Under",   "^SBC: Over",    NULL,
    };
    const char *word = find_word(modem->driver->restarts, line);
    if (word == NULL)
        word = find_word(modem->config.drivers->generic->restarts, line);
    if (word != NULL) {
        on_start(modem, word);
        return true;
    }
    if (find_word(supply_words, line) != NULL) {
        restarts_note_supply(&modem->signs.restarts, loop_now_us(modem->loop));
        modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", modem->shown.detail);
        return true;
    }
    if (at_line_is_text_mode(line)) { /* lost settings, and a message with them */
        modem_note_nonsense(modem, NONSENSE_FORMAT);
        modem_distrust(modem);
        return true;
    }
    if (find_word(card_words, line) == NULL)
        return false;
    if (modem->state > MODEM_BLOCKED)
        modem_distrust(modem);
    return true;
}
