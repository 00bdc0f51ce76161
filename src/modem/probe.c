/* SPDX-License-Identifier: EUPL-1.2 */
/* Does it answer AT? And how a line that fell out of step comes back to it. */
#include "modem/private.h"

enum {
    PROBE_MS = 1000, /* MODEMS 3 */
    PROBE_TRIES = 3,
    QUIET_MS = 150,       /* for a late answer to pass by after a time-out… */
    SLOW_QUIET_MS = 1500, /* … and on a line that did not answer a probe in time */
};

void modem_resync(struct modem *modem)
{
    at_chat_escape(modem->chat);
    modem->resync = true;
    modem_enter(modem, MODEM_PROBING);
}

static void go_on_to_init(struct modem *modem)
{
    modem->resync = false;
    modem_enter(modem, MODEM_INIT);
}

void modem_wait_for_quiet(struct modem *modem)
{
    modem_timer(modem, modem->tries > 0 ? SLOW_QUIET_MS : QUIET_MS, go_on_to_init);
}

static void probe(struct modem *modem);

static void on_probe(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_OK) {
        modem_port_answers(modem);
        if (modem->resync)
            modem_wait_for_quiet(modem);
        else
            go_on_to_init(modem);
        return;
    }
    modem->resync = true; /* its answer may still come, also on a line opened anew */
    if (++modem->tries < PROBE_TRIES) {
        at_chat_escape(modem->chat); /* it may hold a prompt that somebody left open */
        probe(modem);
        return;
    }
    modem_port_is_mute(modem);
}

static void probe(struct modem *modem)
{
    modem_command(
        modem,
        &(struct at_request){
            .command = "AT", .numeric = true, .final_ms = PROBE_MS, .fn = on_probe, .user = modem});
}

void modem_enter_probing(struct modem *modem)
{
    modem->tries = 0;
    modem->restarted = false;
    probe(modem);
}
