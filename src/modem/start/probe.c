/* SPDX-License-Identifier: EUPL-1.2 */
/* Does it answer AT? And how a line that fell out of step comes back to it. */
#include "modem/core.h"

#include "base/loop.h"

enum {
    PROBE_MS = 1000, /* MODEMS 3 */
    PROBE_TRIES = 3,
    QUIET_MS = 150,       /* for a late answer to pass by after a time-out… */
    SLOW_QUIET_MS = 1500, /* … and on a line that did not answer a probe in time */
    NOISY_MS = 2000,      /* a modem that never stops talking is not waited for */
};

void modem_resync(struct modem *modem)
{
    modem_trouble(modem, LADDER_LATE, NULL);
}

static void go_on_to_init(struct modem *modem)
{
    modem->resync = false;
    modem_enter(modem, MODEM_INIT);
}

static void wait_for_quiet(struct modem *modem)
{
    int64_t left_ms = (modem->quiet_end_us - loop_now_us(modem->loop)) / MODEM_MS;
    int64_t quiet_ms = modem->tries > 0 ? SLOW_QUIET_MS : QUIET_MS;
    modem_timer(modem, left_ms < quiet_ms ? left_ms : quiet_ms, go_on_to_init);
}

void modem_line_is_not_quiet(struct modem *modem)
{
    if (modem->on_timer == go_on_to_init)
        wait_for_quiet(modem);
}

static void is_there(struct modem *modem)
{
    modem_recovered(modem);
    modem_port_answers(modem);
    modem->quiet_end_us = loop_now_us(modem->loop) + NOISY_MS * MODEM_MS;
    if (modem->resync)
        wait_for_quiet(modem);
    else
        go_on_to_init(modem);
}

static void on_probe(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_OK) {
        is_there(modem);
        return;
    }
    modem->resync = true; /* its answer may still come, also on a line opened anew */
    bool is_first = ++modem->tries < PROBE_TRIES && !modem_is_on_rung(modem);
    if (!is_first && !modem_stays_mute(modem))
        return;
    at_chat_escape(modem->chat); /* it may hold a prompt that somebody left open */
    if (reply->result == AT_RESULT_TIMEOUT)
        modem_ask_at(modem);
    else
        modem_timer(modem, PROBE_MS, modem_ask_at);
}

void modem_ask_at(struct modem *modem)
{
    modem_command(
        modem,
        &(struct at_request){
            .command = "AT", .numeric = true, .final_ms = PROBE_MS, .fn = on_probe, .user = modem});
}

void modem_enter_probing(struct modem *modem)
{
    modem->tries = 0;
    if (modem->restarted)
        modem->redone_us = loop_now_us(modem->loop);
    modem->restarted = false;
    modem->on_timer = NULL;
    if (!modem_rung_command(modem))
        modem_ask_at(modem);
}
