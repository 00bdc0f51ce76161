/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/recover/recover.h"

#include "base/alloc.h"
#include "base/loop.h"
#include "base/span.h"
#include "modem/find/open.h"
#include "modem/recover/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DOUBT_MS = 10000,           /* until the cool-down of a restart is looked at again */
    LOOK_MS = 200,              /* until a command that is in flight has ended */
    ALARM_TRIES = 10,           /* AT, until the port is closed and opened again */
    MUTE_OPENINGS = 7,          /* some 40 s, as the slowest modem takes to start */
    NETWORK_MS = 600000,        /* without network, where it had one… */
    NETWORK_AGAIN_MS = 3600000, /* …and when a restart has not helped */
    ESCAPE_TOLD_MS = 3600000,   /* the same again, and again, is told once an hour */
    ALARM_PACE_MS = 30000,      /* between two log lines about the same rung */
};

static int64_t now_ms(const struct modem *modem)
{
    return loop_now_us(modem->loop) / US_PER_MS;
}

void recover_set_timer(struct modem *modem, int64_t ms)
{
    modem->recover->deadline_us = loop_now_us(modem->loop) + ms * US_PER_MS;
    loop_timer_set(modem->recover->timer, modem->recover->deadline_us);
}

/* ---- on and off a rung ----------------------------------------------------------------------- */

static void tell_recovery(struct modem *modem, enum ladder_rung rung, bool is_end, bool worked)
{
    if (modem->events->recovery == NULL)
        return;
    modem->events->recovery(modem,
                            &(struct modem_recovery){.rung = ladder_steps[rung].token,
                                                     .evidence = modem->recover->why,
                                                     .is_end = is_end,
                                                     .worked = worked},
                            modem->user);
}

static void stop_work(struct modem *modem)
{
    struct modem_recover *recover = modem->recover;
    child_free(recover->child);
    power_free(recover->power);
    recover->child = NULL;
    recover->power = NULL;
    recover->command.is_due = false;
    loop_timer_clear(recover->timer);
}

static void step_down(struct modem *modem)
{
    stop_work(modem);
    if (modem->recover->wants_restart)
        recover_set_timer(modem, LOOK_MS); /* nobody has looked at the wish meanwhile */
}

static void leave_rung(struct modem *modem, enum ladder_rung rung, bool worked)
{
    step_down(modem);
    if (rung == LADDER_ALARM)
        modem->recover->is_alarm_told = false;
    if (worked && rung >= LADDER_RESTART && rung != LADDER_REOPEN && rung != LADDER_ALARM)
        modem->recover->restarts++;
    if (worked && rung > LADDER_ESCAPE)
        log_notice("módem %s: responde otra vez (%s)", modem->config.name,
                   ladder_steps[rung].token);
    if (!modem->recover->told.is_quiet)
        tell_recovery(modem, rung, true, worked);
    modem->recover->told.is_quiet = false;
}

/* A line that needs the first rung every few seconds would fill the log and the history with it. */
static bool was_just_told(const struct modem *modem, enum ladder_rung rung)
{
    const struct modem_recover *recover = modem->recover;
    return rung == LADDER_ESCAPE && recover->told.at_us != 0 && recover->told.rung == rung &&
           strcmp(recover->told.why, recover->why) == 0 &&
           loop_now_us(modem->loop) - recover->told.at_us < ESCAPE_TOLD_MS * US_PER_MS;
}

static void note_told(struct modem *modem, enum ladder_rung rung)
{
    struct modem_recover *recover = modem->recover;
    recover->told.rung = rung;
    recover->told.at_us = loop_now_us(modem->loop);
    memcpy(recover->told.why, recover->why, sizeof(recover->told.why));
}

/* The first rung is for the log alone: it is over before anybody could read of it. */
static void announce_rung(struct modem *modem, enum ladder_rung rung)
{
    const char *sentence = ladder_steps[rung].sentence;
    modem->recover->told.is_quiet = was_just_told(modem, rung);
    if (modem->recover->told.is_quiet)
        return;
    note_told(modem, rung);
    if (rung == LADDER_ESCAPE)
        log_info("módem %s: %s %s", modem->config.name, modem->recover->why, sentence);
    else
        modem_set_detail(modem, rung == LADDER_ALARM ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "%s %s",
                         modem->recover->why, sentence);
    tell_recovery(modem, rung, false, false);
}

bool modem_is_on_rung(const struct modem *modem)
{
    return modem->recover->ladder.rung != LADDER_NONE;
}

const char *modem_rung_token(const struct modem *modem)
{
    if (modem_is_on_rung(modem))
        return ladder_steps[modem->recover->ladder.rung].token;
    return modem->recover->is_alarm_told ? ladder_steps[LADDER_ALARM].token : "";
}

void modem_recover_tell(const struct modem *modem, struct modem_status *ret)
{
    const struct modem_recover *recover = modem->recover;
    enum ladder_rung rung = recover->ladder.rung;
    unsigned available = recover_available_rungs(modem);
    ret->trouble.outcomes_lost = recover->ladder.unknowns;
    ret->trouble.network_restarts = recover->network_restarts;
    if (ladder_is_hopeless(&recover->ladder))
        ret->trouble.reason = MODEM_IS_UNFIT;
    ret->recovery.steps = LADDER_ALARM;
    if (rung >= LADDER_ALARM)
        return;
    ret->recovery.step = (int)rung + 1;
    ret->recovery.step_us = ladder_steps[rung].deadline_ms * US_PER_MS;
    ret->recovery.step_left_us = recover->deadline_us - loop_now_us(modem->loop);
    if (ret->recovery.step_left_us < 0)
        ret->recovery.step_left_us = 0;
    ret->recovery.left_us = ret->recovery.step_left_us;
    for (int above = (int)rung + 1; above < LADDER_ALARM; above++)
        if ((available & 1U << above) != 0)
            ret->recovery.left_us += ladder_steps[above].deadline_ms * US_PER_MS;
}

const char *modem_recover_advice(const struct modem *modem)
{
    return ladder_complaint(&modem->recover->ladder);
}

static void reopen_line(struct modem *modem)
{
    modem_enter(modem, MODEM_ABSENT);
}

/* Keeps the alarm on: the modem answered AT, and then no more. The port stays open meanwhile, so
 * that its being unplugged is noticed. */
static void stay_in_alarm(struct modem *modem)
{
    struct modem_recover *recover = modem->recover;
    recover->deadline_us = recover->alarm_end_us;
    loop_timer_set(recover->timer, recover->deadline_us);
    modem_set_timer(modem, ALARM_PACE_MS, reopen_line);
}

static void take_rung(struct modem *modem, enum ladder_rung rung)
{
    modem->doubts.is_out_of_step = true;
    if (rung == LADDER_NONE) { /* nothing that would help: on as before */
        if (modem_recover_advice(modem)[0] != '\0')
            modem_set_detail(modem, LOG_LEVEL_ERROR, "%s", modem_recover_advice(modem));
        recover_act(modem, LADDER_ESCAPE);
        return;
    }
    if (rung == LADDER_ALARM && modem->recover->is_alarm_told) {
        stay_in_alarm(modem);
        return;
    }
    recover_set_timer(modem, ladder_steps[rung].deadline_ms);
    if (rung == LADDER_ALARM) {
        modem->recover->is_alarm_told = true;
        modem->recover->alarm_end_us = modem->recover->deadline_us;
    }
    announce_rung(modem, rung);
    recover_act(modem, rung);
}

void recover_fail_rung(struct modem *modem)
{
    enum ladder_rung failed = modem->recover->ladder.rung;
    enum ladder_rung next =
        ladder_failed(&modem->recover->ladder, recover_available_rungs(modem), now_ms(modem));
    if (next == failed) { /* the alarm goes on */
        recover_set_timer(modem, ladder_steps[next].deadline_ms);
        recover_act(modem, next);
        return;
    }
    leave_rung(modem, failed, false);
    take_rung(modem, next);
}

/* ---- evidence -------------------------------------------------------------------------------- */

void modem_trouble(struct modem *modem, enum ladder_evidence evidence, const char *why)
{
    struct modem_recover *recover = modem->recover;
    bool is_explained = /* the modem has restarted, and said so */
        modem->doubts.is_restarted && (evidence == LADDER_MUTE || evidence == LADDER_LATE);
    if (modem_is_on_rung(modem) || is_explained) {
        modem_enter(modem, MODEM_PROBING);
        return;
    }
    (void)snprintf(recover->why, sizeof(recover->why), "%s",
                   why != NULL ? why : ladder_evidence_text(evidence));
    take_rung(modem, ladder_trouble(&recover->ladder, evidence, recover_available_rungs(modem),
                                    now_ms(modem)));
}

void modem_resync(struct modem *modem)
{
    modem_trouble(modem, LADDER_LATE, NULL);
}

void modem_note_works(struct modem *modem, enum ladder_evidence evidence)
{
    modem->recover->worked |= 1U << evidence;
}

void modem_note_send_lost(struct modem *modem, bool has_left)
{
    modem_trouble(modem, ladder_send_lost(&modem->recover->ladder, has_left), NULL);
}

void modem_note_unknown(struct modem *modem)
{
    modem->recover->ladder.unknowns++;
}

void modem_note_report(struct modem *modem)
{
    modem->counters.reports++;
    modem->counters.unreported = 0;
    modem->recover->ladder.unknowns = 0;
}

bool modem_note_send_worked(struct modem *modem)
{
    bool was_said = modem_recover_advice(modem)[0] != '\0';
    ladder_sent(&modem->recover->ladder);
    return was_said;
}

void modem_recover_note_answer(struct modem *modem)
{
    struct modem_recover *recover = modem->recover;
    enum ladder_rung rung = recover->ladder.rung;
    recover->has_line_answered = recover->has_answered = true;
    recover->mute_openings = 0;
    memcpy(recover->answered_usb, modem->identity.usb_device, sizeof(recover->answered_usb));
    if (rung == LADDER_NONE)
        return;
    ladder_answered(&recover->ladder);
    if (rung == LADDER_ALARM)
        step_down(modem); /* its end is told when it can do its work */
    else
        leave_rung(modem, rung, true);
}

/* A port that was just opened may belong to a modem that starts, or to no modem at all. */
static void give_up_new_port(struct modem *modem)
{
    if (++modem->recover->mute_openings >= MUTE_OPENINGS && recover_is_known(modem)) {
        modem->recover->mute_openings = 0;
        modem_trouble(modem, LADDER_MUTE_PORT, NULL);
        return;
    }
    modem_find_leave_mute_port(modem);
}

enum recover_next modem_recover_handle_mute(struct modem *modem, int tries)
{
    const struct modem_recover *recover = modem->recover;
    if (modem_is_on_rung(modem) && loop_now_us(modem->loop) >= recover->deadline_us)
        recover_fail_rung(modem);
    else if (recover->ladder.rung == LADDER_ALARM && tries >= ALARM_TRIES)
        modem_enter(modem, MODEM_ABSENT);
    else if (modem_is_on_rung(modem))
        return RECOVER_PROBE_AGAIN;
    else if (recover->has_line_answered)
        modem_trouble(modem, LADDER_MUTE, NULL);
    else
        give_up_new_port(modem);
    return RECOVER_STATE_LEFT;
}

bool modem_recover_note_drop(struct modem *modem)
{
    struct modem_recover *recover = modem->recover;
    enum ladder_rung rung = recover->ladder.rung;
    if (ladder_rung_drops(rung))
        return true;
    ladder_lost(&recover->ladder);
    recover->had_network = recover->had_card = recover->wants_restart = false;
    recover->wants_heal = false;
    recover->restarts++; /* the modem has been without current */
    recover->worked = 0;
    if (rung != LADDER_NONE || recover->is_alarm_told)
        leave_rung(modem, rung != LADDER_NONE ? rung : LADDER_ALARM, false);
    return false;
}

static bool can_heal(const struct modem *modem, enum ladder_evidence evidence)
{
    return (modem->recover->worked & 1U << evidence) != 0 && !modem_is_on_rung(modem) &&
           ladder_has_rung(&modem->recover->ladder, evidence, recover_available_rungs(modem),
                           now_ms(modem));
}

bool modem_heal(struct modem *modem, enum ladder_evidence evidence)
{
    if (!can_heal(modem, evidence))
        return false;
    modem->recover->worked &= ~(1U << evidence);
    modem_trouble(modem, evidence, NULL);
    return true;
}

static bool heals_now(const struct modem *modem)
{
    return modem->recover->wants_heal && can_heal(modem, LADDER_REFUSALS);
}

bool modem_is_restart_due(const struct modem *modem)
{
    return modem->recover->wants_restart || heals_now(modem);
}

bool modem_has_had_network(const struct modem *modem)
{
    return modem->recover->had_network;
}

bool modem_has_had_card(const struct modem *modem)
{
    return modem->recover->had_card;
}

void modem_doubt(struct modem *modem)
{
    if (modem->recover->wants_heal)
        return;
    modem->recover->wants_heal = true;
    if (!modem_is_on_rung(modem))
        recover_set_timer(modem, 0);
}

unsigned modem_count_restarts(const struct modem *modem)
{
    return modem->recover->restarts;
}

/* ---- looking around -------------------------------------------------------------------------- */

enum cc_err modem_check_restart(const struct modem *modem)
{
    if (modem->state <= MODEM_OPENING)
        return CC_ERR_MODEM_NOT_READY;
    if (modem_is_on_rung(modem))
        return CC_ERR_BUSY;
    return CC_OK;
}

enum cc_err modem_restart(struct modem *modem)
{
    enum cc_err err = modem_check_restart(modem);
    if (err != CC_OK)
        return err;
    modem->recover->wants_restart = true;
    recover_set_timer(modem, 0);
    return CC_OK;
}

/* The modem whose refusals are doubted is restarted at once, or when the cool-down of that rung is
 * over. */
static void look_at_doubt(struct modem *modem)
{
    if (!heals_now(modem)) {
        recover_set_timer(modem, DOUBT_MS);
        return;
    }
    modem->recover->wants_heal = false;
    (void)modem_heal(modem, LADDER_REFUSALS);
}

static void look_at_network(struct modem *modem)
{
    if (registration_is_denied(&modem->registration)) {
        recover_set_timer(modem, NETWORK_MS);
        return;
    }
    modem->recover->network_restarts++;
    modem_trouble(modem, LADDER_NETWORK, NULL);
}

static void look_for_person(struct modem *modem)
{
    modem->recover->wants_restart = false;
    modem_trouble(modem, LADDER_PERSON, NULL);
}

static bool has_doubt(const struct modem *modem)
{
    return modem->recover->wants_heal && modem->state == MODEM_READY;
}

static void look_around(struct modem *modem)
{
    bool is_person = modem->recover->wants_restart;
    if (modem->state <= MODEM_OPENING) { /* the device went by itself: the next one is new */
        modem->recover->wants_restart = false;
        return;
    }
    if (!is_person && !has_doubt(modem) && modem->state != MODEM_REGISTERING)
        return;
    if (at_chat_is_busy(modem->chat) || modem->use.is_sending || modem->use.is_reserved)
        recover_set_timer(modem, LOOK_MS);
    else if (is_person)
        look_for_person(modem);
    else if (has_doubt(modem))
        look_at_doubt(modem);
    else
        look_at_network(modem);
}

static void on_timer(void *user)
{
    struct modem *modem = user;
    if (!modem_is_on_rung(modem))
        look_around(modem);
    else if (modem->chat == NULL || !at_chat_is_busy(modem->chat))
        recover_fail_rung(
            modem); /* else AT is in flight, and its end comes to modem_recover_handle_mute() */
}

static void note_ready(struct modem *modem)
{
    struct modem_recover *recover = modem->recover;
    ladder_ready(&recover->ladder);
    recover->had_network = recover->had_card = true;
    recover->network_restarts = 0;
    modem_note_works(modem, LADDER_CARD);
    modem_note_works(modem, LADDER_DENIED);
    modem_note_works(modem, LADDER_REFUSALS);
    if (recover->wants_heal)
        recover_set_timer(modem, 0);
    else if (!recover->wants_restart)
        loop_timer_clear(recover->timer);
}

void modem_recover_note_state(struct modem *modem)
{
    struct modem_recover *recover = modem->recover;
    bool is_through = modem->state == MODEM_READY || modem->state == MODEM_BLOCKED;
    if (is_through && recover->is_alarm_told)
        leave_rung(modem, LADDER_ALARM, true);
    if (modem->state == MODEM_OPENING)
        recover->has_line_answered = false;
    else if (modem->state == MODEM_READY)
        note_ready(modem);
    else if (modem->state == MODEM_REGISTERING && recover->had_network && !recover->wants_restart)
        recover_set_timer(modem, recover->network_restarts > 0 ? NETWORK_AGAIN_MS : NETWORK_MS);
}

/* ---- new and done ---------------------------------------------------------------------------- */

void modem_recover_init(struct modem *modem)
{
    modem->recover = alloc_or_abort(sizeof(*modem->recover));
    ladder_init(&modem->recover->ladder);
    modem->recover->timer = loop_add_timer(modem->loop, LOOP_PRIORITY_NORMAL, on_timer, modem);
}

void modem_recover_done(struct modem *modem)
{
    stop_work(modem);
    loop_source_free(modem->recover->timer);
    free(modem->recover);
}
