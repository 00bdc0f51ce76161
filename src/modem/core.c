/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/core.h"

#include "base/loop.h"
#include "base/span.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { REDO_US = 10 * 1000000 };

/* ---- the state ------------------------------------------------------------------------------ */

enum modem_state modem_shown_state(const struct modem *modem)
{
    bool is_look = modem->state == MODEM_SIM && modem->shown.blocked_since_us != 0;
    return is_look ? MODEM_BLOCKED : modem->state;
}

const char *modem_shown_token(const struct modem *modem)
{
    enum modem_state state = modem_shown_state(modem);
    bool is_blocked = state == MODEM_BLOCKED && modem->shown.blocked_as != NULL;
    return is_blocked ? modem->shown.blocked_as : modem->hooks->states[state].token;
}

/* The look at a blocked card has ended where it began. */
static bool is_same_block(const struct modem *modem)
{
    const struct modem_shown *shown = &modem->shown;
    return modem->state == MODEM_BLOCKED && shown->blocked_since_us != 0 &&
           shown->blocked_as != NULL && shown->looked_as != NULL &&
           strcmp(shown->blocked_as, shown->looked_as) == 0;
}

/* Some modems tell their start by many words over many seconds, each of which falls into the next
 * set-up: without this pause the set-ups would go on for ever. */
bool modem_may_begin_again(const struct modem *modem)
{
    int64_t redone_us = modem->doubts.redone_us;
    return redone_us == 0 || loop_now_us(modem->loop) - redone_us >= REDO_US;
}

/* A modem that is in service by now has what was set a moment ago; settings lost since then show in
 * the checks of an idle modem (job/sampler.c). */
enum modem_state modem_state_after_restart(struct modem *modem, enum modem_state next)
{
    if (modem_may_begin_again(modem))
        return MODEM_PROBING;
    if (next == MODEM_READY)
        modem->doubts.is_restarted = false;
    return next;
}

/* Losses of a bad cable are told once, by their own sentence. */
static enum log_level level_of(const struct modem *modem, enum log_level level)
{
    bool is_flapping = flap_is_on(&modem->signs.flap, loop_now_us(modem->loop));
    return is_flapping && level != LOG_LEVEL_ERROR ? LOG_LEVEL_DEBUG : level;
}

/* A reason holds while the device is looked for, or the card; some hold until the modem is ready.
 */
static void note_change(struct modem *modem, enum modem_state next)
{
    bool is_looking =
        next == MODEM_ABSENT || next == MODEM_OPENING || next == MODEM_SIM || next == MODEM_BLOCKED;
    if (modem->state == MODEM_READY)
        modem->shown.unable_since_us = loop_now_us(modem->loop);
    else if (next == MODEM_READY)
        modem->shown.unable_since_us = 0;
    modem->shown.was_lost = modem->shown.was_lost && next != MODEM_READY;
    modem->shown.was_ready = modem->shown.was_ready || next == MODEM_READY;
    bool is_lasting =
        modem->shown.reason == MODEM_IS_BARRED || modem->shown.reason == MODEM_IS_UNFIT;
    if (is_lasting ? next == MODEM_READY || next == MODEM_ABSENT : !is_looking)
        modem->shown.reason = MODEM_NO_REASON;
}

void modem_enter(struct modem *modem, enum modem_state state)
{
    if (modem->doubts.is_restarted && state > MODEM_INIT)
        state = modem_state_after_restart(modem, state);
    modem->use.is_checking = false;
    if (state != MODEM_READY)
        modem->hooks->leave_service(modem);
    if (modem->state != state) {
        note_change(modem, state);
        modem->state = state;
        modem->shown.since_us =
            is_same_block(modem) ? modem->shown.blocked_since_us : loop_now_us(modem->loop);
        if (state != MODEM_SIM)
            modem->shown.blocked_since_us = 0;
        log_write(state == MODEM_READY ? level_of(modem, LOG_LEVEL_NOTICE) : LOG_LEVEL_DEBUG,
                  "módem %s: %s", modem->config.name, modem_shown_token(modem));
        modem->hooks->entered(modem);
    }
    loop_timer_clear(modem->timer.source);
    modem->timer.wait = MODEM_WAIT_OTHER;
    loop_deferred_arm(modem->changed);
    modem->hooks->states[state].enter(modem);
}

void modem_set_detail(struct modem *modem, enum log_level level, const char *format, ...)
{
    char text[MODEM_DETAIL_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    /* a bad supply is the cause of most other troubles */
    const char *advice = restarts_advice(&modem->signs.restarts, loop_now_us(modem->loop));
    if (level != LOG_LEVEL_ERROR && advice[0] != '\0')
        (void)snprintf(text, sizeof(text), "%s", advice);
    if (strcmp(text, modem->shown.detail) == 0)
        return; /* logged when it changed */
    memcpy(modem->shown.detail, text, sizeof(text));
    if (text[0] != '\0')
        log_write(level_of(modem, level), "módem %s: %s", modem->config.name, text);
}

void modem_set_wait(struct modem *modem, enum modem_wait wait, int64_t ms,
                    void (*fn)(struct modem *modem))
{
    modem->timer.fn = fn;
    modem->timer.wait = wait;
    loop_timer_in(modem->timer.source, ms * US_PER_MS);
}

void modem_set_timer(struct modem *modem, int64_t ms, void (*fn)(struct modem *modem))
{
    modem_set_wait(modem, MODEM_WAIT_OTHER, ms, fn);
}

/* ---- the line ------------------------------------------------------------------------------- */

void modem_command(struct modem *modem, const struct at_request *request)
{
    enum cc_err err = at_chat_send(modem->chat, request);
    if (err == CC_OK)
        return;
    log_error("módem %s: orden no admitida: %s", modem->config.name, err_text(err));
    modem_enter(modem, MODEM_ABSENT);
}

void modem_forget(struct modem *modem, enum modem_forget what)
{
    modem->hooks->forget(modem, what);
}

void modem_note_nonsense(struct modem *modem, unsigned what)
{
    const char *predicate = nonsense_note(&modem->signs.nonsense, what);
    modem->counters.garbage++;
    if (predicate != NULL)
        log_warning("módem %s: %s. No se le hace caso, y no se repetirá este aviso. Si funciona "
                    "mal, revise el cable, la alimentación y que ningún otro programa use su "
                    "puerto.",
                    modem->config.name, predicate);
}

bool modem_reply_is_busy(const struct at_reply *reply)
{
    return reply->result == AT_RESULT_ERROR &&
           gsm_cause_class(reply->cause, false) == GSM_CLASS_BUSY;
}
