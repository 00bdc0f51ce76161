/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/recover.h"

#include "base/clock.h"
#include "link/usb.h"
#include "modem/private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    RESET_MS = 3000,           /* ATZ */
    RESTART_MS = 5000,         /* until the OK of AT+CFUN=1,1 (MODEMS 3) */
    GRACE_MS = 2000,           /* which it may say before it goes */
    USB_RESET_MS = 25000,      /* link/usb.h */
    LOOK_MS = 200,             /* until a command that is in flight has ended */
    ALARM_TRIES = 10,          /* AT, until the port is closed and opened again */
    MUTE_OPENINGS = 7,         /* some 40 s, as the slowest modem takes to start */
    NETWORK_MS = 600000,       /* without network, where it had one… */
    NETWORK_AGAIN_MS = 3600000 /* …and when a restart has not helped */
};

static const struct modem_recover *of(const struct modem *modem)
{
    return &modem->recover;
}

static int64_t now_ms(void)
{
    return clock_mono_us() / MODEM_MS;
}

static void set_timer(struct modem *modem, int64_t ms)
{
    modem->recover.deadline_us = clock_mono_us() + ms * MODEM_MS;
    loop_timer_set(modem->recover.timer, modem->recover.deadline_us);
}

/* ---- what this modem and box can do ---------------------------------------------------------- */

/* A port that was only guessed is not reset: it may be another thing's (a GPS, an Arduino). */
static bool is_ours(const struct modem *modem)
{
    enum find_kind kind = modem->find.wish.spec.kind;
    bool is_guessed = kind == FIND_AUTO || kind == FIND_IMEI;
    return !is_guessed ||
           (of(modem)->has_answered && strcmp(of(modem)->answered_usb, modem->usb_device) == 0);
}

static bool has_power_key(const struct modem *modem)
{
    return modem->config.power_key != NULL && modem->config.power_key[0] != '\0';
}

static unsigned available(const struct modem *modem)
{
    bool has_line = modem->chat != NULL && modem->state != MODEM_OPENING;
    bool has_usb = modem->usb_device[0] != '\0' && is_ours(modem);
    bool has_power = has_power_key(modem) ||
                     (has_usb && modem->config.may_cut_power && access(POWER_UHUBCTL, X_OK) == 0);
    unsigned rungs = 1U << LADDER_REOPEN;
    if (has_line)
        rungs |= 1U << LADDER_ESCAPE | 1U << LADDER_INIT | 1U << LADDER_RESTART;
    if (has_usb)
        rungs |= 1U << LADDER_USB_RESET;
    if (has_power)
        rungs |= 1U << LADDER_POWER;
    return rungs;
}

/* ---- on and off a rung ----------------------------------------------------------------------- */

static void tell(struct modem *modem, enum ladder_rung rung, bool is_end, bool worked)
{
    if (modem->events->recovery == NULL)
        return;
    modem->events->recovery(modem,
                            &(struct modem_recovery){.rung = ladder_steps[rung].token,
                                                     .evidence = of(modem)->why,
                                                     .is_end = is_end,
                                                     .worked = worked},
                            modem->user);
}

static void stop_work(struct modem *modem)
{
    struct modem_recover *recover = &modem->recover;
    child_free(recover->child);
    power_free(recover->power);
    recover->child = NULL;
    recover->power = NULL;
    recover->command_due = false;
    loop_timer_clear(recover->timer);
}

static void leave(struct modem *modem, enum ladder_rung rung, bool worked)
{
    stop_work(modem);
    if (worked && rung > LADDER_ESCAPE)
        log_notice("módem %s: responde otra vez (%s)", modem->config.name,
                   ladder_steps[rung].token);
    tell(modem, rung, true, worked);
}

/* The first rung is for the log alone: it is over before anybody could read of it. */
static void announce(struct modem *modem, enum ladder_rung rung)
{
    const char *sentence = ladder_steps[rung].sentence;
    if (rung == LADDER_ESCAPE)
        log_info("módem %s: %s %s", modem->config.name, of(modem)->why, sentence);
    else
        modem_set_detail(modem, rung == LADDER_ALARM ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "%s %s",
                         of(modem)->why, sentence);
    tell(modem, rung, false, false);
}

static void take(struct modem *modem, enum ladder_rung rung);

static void fail(struct modem *modem)
{
    enum ladder_rung failed = of(modem)->ladder.rung;
    enum ladder_rung next = ladder_failed(&modem->recover.ladder, available(modem), now_ms());
    if (next != failed)
        leave(modem, failed, false);
    take(modem, next);
}

bool modem_is_on_rung(const struct modem *modem)
{
    return of(modem)->ladder.rung != LADDER_NONE;
}

const char *modem_rung_token(const struct modem *modem)
{
    return modem_is_on_rung(modem) ? ladder_steps[of(modem)->ladder.rung].token : "";
}

/* ---- what is done on each -------------------------------------------------------------------- */

static void do_escape(struct modem *modem)
{
    at_chat_escape(modem->chat);
    modem_enter(modem, MODEM_PROBING);
}

static void do_command(struct modem *modem)
{
    at_chat_escape(modem->chat);
    at_chat_end_text(modem->chat);
    modem->recover.command_due = true;
    modem_enter(modem, MODEM_PROBING);
}

static void do_reopen(struct modem *modem)
{
    modem_enter(modem, MODEM_ABSENT);
}

/* Nothing to wait for where it could not be done; else the rung's deadline runs on. */
static void on_work_end(bool worked, void *user)
{
    struct modem *modem = user;
    enum ladder_rung rung = of(modem)->ladder.rung;
    if (worked)
        return;
    log_warning("módem %s: no se ha podido hacer (%s)", modem->config.name,
                ladder_steps[rung].token);
    fail(modem);
}

static void on_work_started(struct modem *modem, enum cc_err err)
{
    if (err == CC_OK)
        return;
    log_warning("módem %s: %s", modem->config.name, err_text(err));
    set_timer(modem, 0); /* the next rung, from the loop */
}

static bool reset_port(void *arg)
{
    return link_usb_reset(arg) == CC_OK;
}

static void do_usb_reset(struct modem *modem)
{
    modem_enter(modem, MODEM_ABSENT);
    on_work_started(modem, child_start(modem->loop, reset_port, modem->usb_device, USB_RESET_MS,
                                       on_work_end, modem, &modem->recover.child));
}

static void do_power(struct modem *modem)
{
    struct power **power = &modem->recover.power;
    modem_enter(modem, MODEM_ABSENT);
    on_work_started(modem, has_power_key(modem)
                               ? power_press_key(modem->loop, modem->config.power_key, &power_gpiod,
                                                 on_work_end, modem, power)
                               : power_cut_usb(modem->loop, modem->usb_device, POWER_UHUBCTL,
                                               on_work_end, modem, power));
}

static const struct {
    void (*act)(struct modem *modem);
    const char *command; /* of do_command(); NULL = the driver's */
    unsigned command_ms;
} actions[LADDER_RUNG_COUNT] = {
    [LADDER_ESCAPE] = {.act = do_escape},
    [LADDER_INIT] = {.act = do_command, .command = "ATZ", .command_ms = RESET_MS},
    [LADDER_RESTART] = {.act = do_command, .command_ms = RESTART_MS},
    [LADDER_REOPEN] = {.act = do_reopen},
    [LADDER_USB_RESET] = {.act = do_usb_reset},
    [LADDER_POWER] = {.act = do_power},
    [LADDER_ALARM] = {.act = do_reopen},
};

static void take(struct modem *modem, enum ladder_rung rung)
{
    modem->resync = true;
    if (rung == LADDER_NONE) { /* nothing that would help: on as before */
        do_escape(modem);
        return;
    }
    set_timer(modem, ladder_steps[rung].deadline_ms);
    announce(modem, rung);
    actions[rung].act(modem);
}

static void on_command(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (of(modem)->ladder.rung != LADDER_RESTART)
        modem_ask_at(modem); /* whatever it said: AT tells */
    else if (reply->result == AT_RESULT_OK)
        modem_timer(modem, GRACE_MS, modem_ask_at);
    else
        fail(modem);
}

bool modem_rung_command(struct modem *modem)
{
    enum ladder_rung rung = of(modem)->ladder.rung;
    const char *restart = modem->driver->restart;
    if (!of(modem)->command_due)
        return false;
    modem->recover.command_due = false;
    if (actions[rung].command != NULL)
        restart = actions[rung].command;
    modem_command(modem, &(struct at_request){.command = restart != NULL ? restart : "AT+CFUN=1,1",
                                              .numeric = true,
                                              .final_ms = actions[rung].command_ms,
                                              .fn = on_command,
                                              .user = modem});
    return true;
}

/* ---- evidence -------------------------------------------------------------------------------- */

void modem_trouble(struct modem *modem, enum ladder_evidence evidence, const char *why)
{
    struct modem_recover *recover = &modem->recover;
    if (modem_is_on_rung(modem)) { /* already at it */
        modem_enter(modem, MODEM_PROBING);
        return;
    }
    (void)snprintf(recover->why, sizeof(recover->why), "%s",
                   why != NULL ? why : ladder_evidence_text(evidence));
    take(modem, ladder_trouble(&recover->ladder, evidence, available(modem), now_ms()));
}

void modem_send_lost(struct modem *modem, bool has_left)
{
    modem_trouble(modem, ladder_send_lost(&modem->recover.ladder, has_left), NULL);
}

void modem_send_worked(struct modem *modem)
{
    ladder_sent(&modem->recover.ladder);
}

void modem_recovered(struct modem *modem)
{
    struct modem_recover *recover = &modem->recover;
    enum ladder_rung rung = recover->ladder.rung;
    recover->line_answered = recover->has_answered = true;
    recover->mute_openings = 0;
    memcpy(recover->answered_usb, modem->usb_device, sizeof(recover->answered_usb));
    if (rung == LADDER_NONE)
        return;
    ladder_answered(&recover->ladder);
    leave(modem, rung, true);
}

/* A port that was just opened may belong to a modem that starts, or to no modem at all. */
static void new_port_is_mute(struct modem *modem)
{
    if (++modem->recover.mute_openings >= MUTE_OPENINGS && is_ours(modem)) {
        modem->recover.mute_openings = 0;
        modem_trouble(modem, LADDER_MUTE_PORT, NULL);
        return;
    }
    modem_port_is_mute(modem);
}

bool modem_stays_mute(struct modem *modem)
{
    const struct modem_recover *recover = of(modem);
    if (modem_is_on_rung(modem) && clock_mono_us() >= recover->deadline_us)
        fail(modem);
    else if (recover->ladder.rung == LADDER_ALARM && modem->tries >= ALARM_TRIES)
        modem_enter(modem, MODEM_ABSENT);
    else if (modem_is_on_rung(modem))
        return true;
    else if (recover->line_answered)
        modem_trouble(modem, LADDER_MUTE, NULL);
    else
        new_port_is_mute(modem);
    return false;
}

bool modem_drop_was_expected(struct modem *modem)
{
    struct modem_recover *recover = &modem->recover;
    enum ladder_rung rung = recover->ladder.rung;
    if (ladder_rung_drops(rung))
        return true;
    ladder_lost(&recover->ladder);
    recover->had_network = recover->wants_restart = false;
    if (rung != LADDER_NONE)
        leave(modem, rung, false);
    return false;
}

/* ---- looking around -------------------------------------------------------------------------- */

void modem_restart(struct modem *modem)
{
    if (modem->state <= MODEM_OPENING || modem_is_on_rung(modem))
        return; /* there is nothing to restart, or it is being done */
    modem->recover.wants_restart = true;
    set_timer(modem, 0);
}

/* The card's fault, not the modem's: no restart changes it. */
static bool is_denied(const struct modem *modem)
{
    return modem->registration[NETWORK_CS] == 3 || modem->registration[NETWORK_EPS] == 3;
}

static void look(struct modem *modem)
{
    struct modem_recover *recover = &modem->recover;
    bool is_person = recover->wants_restart;
    if (modem->state <= MODEM_OPENING || (!is_person && modem->state != MODEM_REGISTERING))
        return;
    if (at_chat_is_busy(modem->chat) || modem->send.active || modem->reserved) {
        set_timer(modem, LOOK_MS);
    } else if (is_person) {
        recover->wants_restart = false;
        modem_trouble(modem, LADDER_PERSON, NULL);
    } else if (is_denied(modem)) {
        set_timer(modem, NETWORK_MS);
    } else {
        recover->network_restarts++;
        modem_trouble(modem, LADDER_NETWORK, NULL);
    }
}

static void on_timer(void *user)
{
    struct modem *modem = user;
    if (!modem_is_on_rung(modem))
        look(modem);
    else if (modem->chat == NULL || !at_chat_is_busy(modem->chat))
        fail(modem); /* else AT is in flight, and its end comes to modem_stays_mute() */
}

void modem_recover_entered(struct modem *modem)
{
    struct modem_recover *recover = &modem->recover;
    if (modem->state == MODEM_OPENING) {
        recover->line_answered = false;
    } else if (modem->state == MODEM_READY) {
        ladder_ready(&recover->ladder);
        recover->had_network = true;
        recover->network_restarts = 0;
        if (!recover->wants_restart)
            loop_timer_clear(recover->timer);
    } else if (modem->state == MODEM_REGISTERING && recover->had_network &&
               !recover->wants_restart) {
        set_timer(modem, recover->network_restarts > 0 ? NETWORK_AGAIN_MS : NETWORK_MS);
    }
}

/* ---- new and done ---------------------------------------------------------------------------- */

void modem_recover_init(struct modem *modem)
{
    ladder_init(&modem->recover.ladder);
    modem->recover.timer = loop_add_timer(modem->loop, LOOP_PRIORITY_NORMAL, on_timer, modem);
}

void modem_recover_done(struct modem *modem)
{
    stop_work(modem);
    loop_source_free(modem->recover.timer);
}
