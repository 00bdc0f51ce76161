/* SPDX-License-Identifier: EUPL-1.2 */
/* Does it answer AT? And how a line that fell out of step comes back to it. */
#include "at/command.h"
#include "base/loop.h"
#include "base/span.h"
#include "modem/find/open.h"
#include "modem/recover/recover.h"
#include "modem/start/private.h"

enum {
    PROBE_MS = 1000, /* MODEMS 3 */
    PROBE_TRIES = 3,
    QUIET_MS = 150,       /* for a late answer to pass by after a time-out… */
    SLOW_QUIET_MS = 1500, /* … and on a line that did not answer a probe in time */
    NOISY_MS = 2000,      /* a modem that never stops talking is not waited for */
    MUTE_STARTS = 3,      /* openings in a row, before +++ is worth its time */
    GUARD_MS = 1100,      /* of silence around +++, V.250 and S12 */
    DOUBLE_GAP_MS = 200,  /* between commands, where a second OK follows the first one */
    FLUSH_MS = 200,       /* for the answer to +++, or to what it is in the command mode */
};

static void ask_at(struct modem *modem);

/* Another program may have left the port in a data call, where commands are data, … */
static void flush_escape(struct modem *modem)
{
    at_chat_escape(modem->chat);
    modem_set_timer(modem, FLUSH_MS, ask_at);
}

static void leave_data(struct modem *modem)
{
    at_chat_escape_data(modem->chat);
    modem_set_timer(modem, GUARD_MS, flush_escape);
}

/* …or have switched its results off, so that it takes commands and says nothing. */
static const char *probe_command(const struct modem *modem)
{
    return modem->start->probes == 1 ? "ATQ0" : "AT";
}

static void go_on_to_init(struct modem *modem)
{
    modem->start->is_single = modem->start->gap_ms == 0;
    modem->doubts.is_out_of_step = false;
    modem_enter(modem, MODEM_INIT);
}

static void wait_for_quiet(struct modem *modem)
{
    int64_t left_ms = (modem->start->quiet_end_us - loop_now_us(modem->loop)) / US_PER_MS;
    int64_t quiet_ms = modem->start->probes > 0 ? SLOW_QUIET_MS : QUIET_MS;
    modem_set_wait(modem, MODEM_WAIT_QUIET_LINE, left_ms < quiet_ms ? left_ms : quiet_ms,
                   go_on_to_init);
}

void modem_start_set_gap(struct modem *modem)
{
    unsigned ms = modem->driver->gap_ms;
    at_chat_set_gap(modem->chat, ms > modem->start->gap_ms ? ms : modem->start->gap_ms);
}

/* A result that nothing asked for is taken for the next command's, unless a gap lets it pass. */
void modem_start_note_noise(struct modem *modem, const char *line)
{
    struct gsm_cause cause;
    if (modem->timer.wait != MODEM_WAIT_QUIET_LINE)
        return;
    if (!modem->doubts.is_out_of_step && at_final(line, &cause) == AT_RESULT_OK)
        modem->start->gap_ms = DOUBLE_GAP_MS;
    modem_start_set_gap(modem);
    wait_for_quiet(modem);
}

static void on_answered(struct modem *modem)
{
    modem->start->mute_starts = 0;
    modem_recover_note_answer(modem);
    modem_find_note_answer(modem);
    modem->start->quiet_end_us = loop_now_us(modem->loop) + NOISY_MS * US_PER_MS;
    if (modem->doubts.is_out_of_step || !modem->start->is_single)
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
        on_answered(modem);
        return;
    }
    modem->doubts.is_out_of_step = true; /* its answer may still come, also on a line opened anew */
    bool is_first = ++modem->start->probes < PROBE_TRIES && !modem_is_on_rung(modem);
    if (!is_first && modem_recover_handle_mute(modem, modem->start->probes) == RECOVER_STATE_LEFT)
        return;
    if (reply->result == AT_RESULT_TIMEOUT && modem->start->probes == PROBE_TRIES - 1 &&
        modem->start->mute_starts >= MUTE_STARTS) {
        leave_data(modem);
        return;
    }
    at_chat_escape(modem->chat); /* a prompt may have been left open */
    if (reply->result == AT_RESULT_TIMEOUT)
        ask_at(modem);
    else
        modem_set_timer(modem, PROBE_MS, ask_at);
}

static void ask_at(struct modem *modem)
{
    modem_command(modem, &(struct at_request){.command = probe_command(modem),
                                              .numeric = true,
                                              .final_ms = PROBE_MS,
                                              .fn = on_probe,
                                              .user = modem});
}

void modem_start_enter_probing(struct modem *modem)
{
    modem->start->probes = 0;
    modem->start->mute_starts++;
    if (modem->doubts.is_restarted)
        modem->doubts.redone_us = loop_now_us(modem->loop);
    modem->doubts.is_restarted = false;
    if (!modem_recover_send_command(modem, ask_at))
        ask_at(modem);
}
