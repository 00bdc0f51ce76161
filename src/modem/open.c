/* SPDX-License-Identifier: EUPL-1.2 */
/* The way in: find the device and open it; again and again while it is not there. */
#include "modem/private.h"

enum {
    RETRY_MS = 1000, /* a device that comes back is found within this */
    OPEN_MS = 5000,  /* for a TCP serial server */
};

void modem_close_line(struct modem *modem)
{
    struct at_chat *chat = modem->chat;
    modem->chat = NULL;
    at_chat_free(chat);
}

void modem_try_open(struct modem *modem)
{
    enum cc_err err = at_chat_open(modem->loop, modem->config.device, modem->config.schemes,
                                   modem->tape, &modem->chat_events, modem, &modem->chat);
    if (err == CC_OK) {
        modem_enter(modem, MODEM_OPENING);
        return;
    }
    modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", err_text(err));
    modem_timer(modem, RETRY_MS, modem_try_open);
}

void modem_enter_absent(struct modem *modem)
{
    modem_close_line(modem);
    modem_sampler_forget(modem);
    modem->mute_row = NULL;
    modem->skipped_count = 0;
    if (modem->pin == PIN_BUSY)
        modem->pin = PIN_GIVEN; /* who knows which card comes back: its counter proves nothing */
    modem_timer(modem, RETRY_MS, modem_try_open);
}

static void open_timed_out(struct modem *modem)
{
    modem_set_detail(modem, LOG_LEVEL_WARNING,
                     "El dispositivo no acepta la conexión. Revise la dirección y la red.");
    modem_enter(modem, MODEM_ABSENT);
}

void modem_enter_opening(struct modem *modem)
{
    modem_timer(modem, OPEN_MS, open_timed_out);
}
