/* SPDX-License-Identifier: EUPL-1.2 */
/* The way back: outcomes and reports, and what else modems tell. */
#include "base/log.h"
#include "base/loop.h"
#include "modem/modem.h"
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

static void keep_report(struct dispatch *dispatch, const struct waiting_report *waiting)
{
    if (dispatch->report_count == DISPATCH_REPORTS)
        dispatch_record_all(dispatch);
    dispatch->reports[dispatch->report_count++] = *waiting;
    await_tick(dispatch);
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
    const struct waiting_report early = {modem, slot->early, false};
    bool has_early = slot->has_early;
    if (dispatch_has_next(dispatch, modem))
        record_outcome(slot); /* on a busy line others' commits follow at once all the same */
    dispatch_free_slot(slot);
    loop_deferred_arm(dispatch->go); /* not from here: the line may just have been lost */
    turn_request(dispatch->service->turn);
    await_tick(dispatch);
    if (has_early)
        keep_report(dispatch, &early);
}

static void on_report_durable(bool committed, void *modem)
{
    modem_inbound_done(modem, committed);
}

/*
 * A report may overtake the +CMGS reply, or come though that was lost: it waits for the outcome of
 * the message that this modem has in hand, if it is for the same number.
 */
static void record_report(struct dispatch *dispatch, const struct waiting_report *waiting)
{
    struct service *service = dispatch->service;
    struct modem *modem = waiting->modem;
    const struct gsm_report *report = &waiting->report;
    struct slot *slot = dispatch_find_slot(dispatch, SLOT_SENDING, modem);
    enum cc_err err = turn_enter(service->turn);
    if (err == CC_OK) {
        err = outcome_report(service, modem_name(modem), report, service_now_ms(service));
        turn_leave(service->turn, err == CC_OK);
    }
    if (waiting->is_kept && err == CC_OK)
        turn_after(service->turn, on_report_durable, modem);
    else if (waiting->is_kept) /* a report that belongs to no message has done its work */
        modem_inbound_done(modem, err == CC_ERR_NOT_FOUND);
    if (err == CC_OK || slot == NULL || !gsm_addr_same(slot->message.phone.e164, report->to.text))
        return;
    slot->has_early = true;
    slot->early = *report;
}

/* The outcomes go first: a report may be about one of them. */
void dispatch_record_all(void *user)
{
    struct dispatch *dispatch = user;
    dispatch->is_ticking = false;
    for (size_t i = 0; i < DISPATCH_SLOTS; i++)
        record_outcome(&dispatch->slots[i]);
    for (size_t i = 0; i < dispatch->report_count; i++)
        record_report(dispatch, &dispatch->reports[i]);
    dispatch->report_count = 0;
    if (dispatch->draining)
        loop_deferred_arm(dispatch->idle_source);
}

static void on_report(struct modem *modem, const struct gsm_report *report, bool is_kept,
                      void *user)
{
    struct dispatch *dispatch = user;
    keep_report(dispatch, &(struct waiting_report){modem, *report, is_kept});
}

static void on_changed(struct modem *modem, void *user)
{
    struct dispatch *dispatch = user;
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
