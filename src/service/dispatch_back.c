/* SPDX-License-Identifier: EUPL-1.2 */
/* The way back: outcomes and reports, and what else modems tell. */
#include "base/log.h"
#include "base/loop.h"
#include "modem/modem.h"
#include "service/chronicle.h"
#include "service/dispatch_private.h"
#include "service/outcome.h"
#include "service/pin_guard.h"
#include "service/receive.h"
#include "service/watch.h"
#include "store/db_fault.h"

#include <inttypes.h>

static void on_recorded(bool committed, void *user)
{
    struct slot *slot = user;
    slot->outcome.in_turn = false;
    slot->outcome.is_open = !committed;
    slot->outcome.is_failed = !committed;
    if (!committed)
        dispatch_wake_in(slot->dispatch, DISPATCH_SHORTEST_WAIT_MS);
    else if (slot->dispatch->draining)
        loop_deferred_arm(slot->dispatch->idle_source);
}

static enum cc_err write_down(struct dispatch *dispatch, const struct outcome *outcome)
{
    size_t at = 0;
    while (pool_at(dispatch->pool, at) != outcome->modem)
        at++;
    struct suspect *suspect = &dispatch->suspects[at];
    const struct outcome_modem modem = {
        .has_other = outcome->has_other,
        .restarts = modem_count_restarts(outcome->modem),
        .suspect = suspect,
    };
    enum cc_err err = outcome_record(dispatch->service, &outcome->message, &outcome->result, &modem,
                                     service_now_ms(dispatch->service));
    if (err == CC_ERR_NOT_FOUND) {
        /* recorded by a commit that a server could not tell any more, or another box has it */
        log_notice("mensaje %" PRId64 ": su resultado ya estaba anotado", outcome->message.id);
        return CC_OK;
    }
    if (err == CC_OK && suspect->state == SUSPECT_DOUBTED)
        modem_doubt(outcome->modem);
    return err;
}

/*
 * A server may have committed the outcome though the connection broke before it said so; and while
 * it could not be reached another box may have taken the message for one of unknown outcome. Either
 * way the row waits for nothing more from here.
 */
static bool is_settled(const struct slot *slot, enum cc_err err)
{
    return err == CC_ERR_NOT_FOUND && db_is_shared(slot->dispatch->service->store->db);
}

/* Writes down the outcome that this slot keeps, if there is one. An outcome that cannot be written
 * now is tried again, and not forgotten. */
static void record_outcome(struct slot *slot)
{
    struct turn *turn = slot->dispatch->service->turn;
    struct outcome *outcome = &slot->outcome;
    if (!outcome->is_open || outcome->in_turn)
        return;
    enum cc_err err = turn_enter(turn);
    if (err == CC_OK) {
        err = write_down(slot->dispatch, outcome);
        turn_leave(turn, err == CC_OK);
    }
    outcome->in_turn = err == CC_OK;
    outcome->is_failed = err != CC_OK;
    if (is_settled(slot, err)) {
        on_recorded(true, slot);
        return;
    }
    if (err == CC_OK) {
        turn_after(turn, on_recorded, slot);
        return;
    }
    if (db_fault(slot->dispatch->service->store->db) == DB_FAULT_NONE) /* else the fault was told */
        log_error("el resultado del mensaje %" PRId64
                  " no se ha podido guardar; se intentará otra vez: %s",
                  outcome->message.id, err_text(err));
    dispatch_wake_in(slot->dispatch, DISPATCH_SHORTEST_WAIT_MS);
}

/*
 * The next multiple of the tick: what an outcome writes, and how long its commit takes, must not
 * follow the message closely enough to tell whose it was (DOMAIN 5).
 */
static void await_tick(struct dispatch *dispatch)
{
    if (dispatch->is_ticking)
        return;
    dispatch->is_ticking = true;
    loop_timer_set(dispatch->tick, (loop_now_us(dispatch->service->loop) / DISPATCH_TICK_US + 1) *
                                       DISPATCH_TICK_US);
}

/* NULL where all are taken. */
static struct waiting_report *take_place(struct dispatch *dispatch)
{
    size_t at = 0;
    while (at < dispatch->report_end && dispatch->reports[at].modem != NULL)
        at++;
    if (at == DISPATCH_REPORTS)
        return NULL;
    if (at == dispatch->report_end)
        dispatch->report_end++;
    return &dispatch->reports[at];
}

static void keep_report(struct dispatch *dispatch, struct modem *modem,
                        const struct gsm_report *report, bool is_kept)
{
    struct waiting_report *place = take_place(dispatch);
    if (place != NULL) {
        *place = (struct waiting_report){
            .dispatch = dispatch, .modem = modem, .report = *report, .is_kept = is_kept};
        await_tick(dispatch);
    } else if (is_kept) { /* the modem tells it again */
        modem_inbound_done(modem, false);
    } else {
        log_error("módem %s: un informe de entrega se pierde: %d esperan a la base de datos",
                  modem_name(modem), DISPATCH_REPORTS);
    }
}

static void on_sent(struct modem *modem, const struct modem_result *result, void *user)
{
    struct dispatch *dispatch = user;
    struct slot *slot = dispatch_find_slot(dispatch, SLOT_SENDING, modem);
    if (slot == NULL)
        return;
    secret_wipe(slot->message.text, sizeof(slot->message.text));
    slot->outcome = (struct outcome){.is_open = true,
                                     .message = slot->message,
                                     .result = *result,
                                     .modem = modem,
                                     .has_other = pool_has_other(dispatch->pool, modem)};
    bool took_it = result->outcome != MODEM_OUTCOME_REFUSED || result->class != GSM_CLASS_BUSY ||
                   result->cause.kind != GSM_CAUSE_LOCAL;
    dispatch->busy_us = loop_now_us(dispatch->service->loop);
    pool_note_end(dispatch->pool, modem, took_it, dispatch->busy_us / 1000);
    const struct gsm_report early = slot->early;
    bool has_early = slot->has_early;
    if (dispatch_has_next(dispatch, modem))
        record_outcome(slot); /* on a busy line others' commits follow at once all the same */
    dispatch_free_slot(slot);
    loop_deferred_arm(dispatch->go); /* not from here: the line may just have been lost */
    turn_request(dispatch->service->turn);
    await_tick(dispatch);
    if (has_early)
        keep_report(dispatch, modem, &early, false);
}

/* is_done: it need not be told again. */
static void end_report(struct waiting_report *waiting, bool is_done)
{
    struct dispatch *dispatch = waiting->dispatch;
    struct modem *modem = waiting->modem;
    waiting->modem = NULL;
    while (dispatch->report_end > 0 && dispatch->reports[dispatch->report_end - 1].modem == NULL)
        dispatch->report_end--;
    if (waiting->is_kept)
        modem_inbound_done(modem, is_done);
    if (dispatch->draining)
        loop_deferred_arm(dispatch->idle_source);
}

static void on_report_durable(bool committed, void *user)
{
    struct waiting_report *waiting = user;
    waiting->in_turn = false;
    if (committed || waiting->is_kept)
        end_report(waiting, committed);
    else
        dispatch_wake_in(waiting->dispatch, DISPATCH_SHORTEST_WAIT_MS);
}

/*
 * A report may overtake the +CMGS reply, or come though that was lost: it waits for the outcome of
 * the message that this modem has in hand, if it is for the same number.
 */
static bool keep_early(struct dispatch *dispatch, const struct waiting_report *waiting)
{
    struct slot *slot = dispatch_find_slot(dispatch, SLOT_SENDING, waiting->modem);
    if (slot == NULL || !gsm_addr_same(slot->message.phone.e164, waiting->report.to.text))
        return false;
    slot->has_early = true;
    slot->early = waiting->report;
    return true;
}

/* Writes down a report. One that cannot be written while the database fails is tried again: the
 * network tells it once. */
static void record_report(struct waiting_report *waiting)
{
    struct dispatch *dispatch = waiting->dispatch;
    struct service *service = dispatch->service;
    enum cc_err err = turn_enter(service->turn);
    if (err == CC_OK) {
        err = outcome_report(service, modem_name(waiting->modem), &waiting->report,
                             service_now_ms(service));
        turn_leave(service->turn, err == CC_OK);
    }
    waiting->in_turn = err == CC_OK;
    if (err == CC_OK)
        turn_after(service->turn, on_report_durable, waiting);
    else if (keep_early(dispatch, waiting) || waiting->is_kept ||
             db_fault(service->store->db) == DB_FAULT_NONE)
        end_report(waiting, err == CC_ERR_NOT_FOUND); /* done, where it is of no message */
    else
        dispatch_wake_in(dispatch, DISPATCH_SHORTEST_WAIT_MS);
}

/* The outcomes go first: a report may be about one of them. */
void dispatch_record_all(void *user)
{
    struct dispatch *dispatch = user;
    dispatch->is_ticking = false;
    for (size_t i = 0; i < DISPATCH_SLOTS; i++)
        record_outcome(&dispatch->slots[i]);
    for (size_t i = 0; i < dispatch->report_end; i++)
        if (dispatch->reports[i].modem != NULL && !dispatch->reports[i].in_turn)
            record_report(&dispatch->reports[i]);
    if (dispatch->draining)
        loop_deferred_arm(dispatch->idle_source);
}

static void on_report(struct modem *modem, const struct gsm_report *report, bool is_kept,
                      void *user)
{
    struct dispatch *dispatch = user;
    keep_report(dispatch, modem, report, is_kept);
}

static void on_changed(struct modem *modem, void *user)
{
    struct dispatch *dispatch = user;
    chronicle_note_modem(dispatch->service->chronicle, modem);
    dispatch_go(dispatch);
    dispatch_boxes_look(dispatch);
    if (modem_can_send(modem))
        turn_request(dispatch->service->turn);
}

static bool on_pin_try(struct modem *modem, const char *iccid, const char *pin, void *user)
{
    struct dispatch *dispatch = user;
    struct service *service = dispatch->service;
    (void)modem;
    return pin_guard_may_try(service->store, iccid, pin, service_now_ms(service));
}

static void on_pin_worked(struct modem *modem, const char *iccid, const char *pin, void *user)
{
    struct dispatch *dispatch = user;
    (void)modem;
    pin_guard_worked(dispatch->service->store, iccid, pin);
}

static void on_sampled(struct modem *modem, const struct modem_sample *sample, void *user)
{
    struct dispatch *dispatch = user;
    watch_sampled(dispatch->service, modem, sample);
}

static void on_recovery(struct modem *modem, const struct modem_recovery *recovery, void *user)
{
    struct dispatch *dispatch = user;
    watch_recovery(dispatch->service, modem, recovery);
}

static void on_inbound(struct modem *modem, const struct modem_inbound *inbound, void *user)
{
    struct dispatch *dispatch = user;
    receive_inbound(dispatch->service, modem, inbound);
}

static void on_balance(struct modem *modem, enum cc_err err, const char *text, void *user)
{
    struct dispatch *dispatch = user;
    receive_balance(dispatch->service, modem, err, text);
}

const struct modem_events dispatch_modem_events = {
    .changed = on_changed,
    .sent = on_sent,
    .report = on_report,
    .pin_try = on_pin_try,
    .pin_worked = on_pin_worked,
    .inbound = on_inbound,
    .balance = on_balance,
    .sampled = on_sampled,
    .recovery = on_recovery,
};
