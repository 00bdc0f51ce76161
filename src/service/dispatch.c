/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/dispatch.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/outcome.h"
#include "service/pinguard.h"
#include "service/receive.h"
#include "store/outbox.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    LONGEST_WAIT_MS = 30000, /* so that a wall clock that was set is noticed */
    SHORTEST_WAIT_MS = 1000, /* due, but no modem: its own event will come */
    SHORTEST_VALIDITY_S = 300,
    DAY_MS = 24 * 3600 * 1000,
    FAIR_TURN = 8, /* every eighth message may be of a class that waits behind another */
    SWEEP_EVERY_MS =
        60000, /* a bounded batch each: more than what one client can write in that time */
    REPLACE_TYPE =
        1, /* one type for all contraclaves: a repeated one takes the place of the first */
};

/* An outcome that is not durable yet: kept until a commit has taken it. */
struct outcome {
    bool is_open; /* there is one */
    bool in_turn; /* written, its commit is awaited */
    struct outbox_message message;
    struct modem_result result;
    bool has_other; /* another modem was ready just then */
};

/* A message in the hands of a modem. */
struct slot {
    struct dispatch *dispatch;
    struct modem *modem; /* NULL = free */
    bool is_claimed;     /* durably: to be sent on the next pass */
    struct outbox_message message;
    bool has_early; /* its report overtook the +CMGS reply, or came though that was lost */
    struct gsm_report early;
    struct outcome outcome; /* of the message before, while this one is being claimed */
};

struct dispatch {
    struct service *service;
    struct pool *pool;
    struct loop_source *due;   /* something becomes due */
    int64_t due_us;            /* when that timer fires; 0 = it is off */
    struct loop_source *sweep; /* old rows: also when nothing is ever due */
    struct loop_source *go;    /* what was claimed may be sent */
    struct loop_source *idle_source;
    loop_fn idle;
    void *idle_user;
    bool draining;
    unsigned turns; /* messages handed out: whose turn it is */
    struct slot slots[POOL_MAX];
};

static struct slot *slot_of(struct dispatch *dispatch, const struct modem *modem)
{
    for (size_t i = 0; i < POOL_MAX; i++)
        if (dispatch->slots[i].modem == modem)
            return &dispatch->slots[i];
    return NULL;
}

static void free_slot(struct slot *slot)
{
    secret_wipe(&slot->message, sizeof(slot->message));
    slot->modem = NULL;
    slot->has_early = false;
    if (slot->dispatch->draining)
        loop_deferred_arm(slot->dispatch->idle_source);
}

/* An earlier deadline stays: what is overdue must not be put off by every turn that passes. */
static void wake_in(struct dispatch *dispatch, int64_t wait_ms)
{
    int64_t at_us = clock_mono_us() + wait_ms * 1000;
    if (dispatch->due_us != 0 && dispatch->due_us <= at_us)
        return;
    dispatch->due_us = at_us;
    loop_timer_set(dispatch->due, at_us);
}

/* ---- out: claim, commit, send --------------------------------------------------------------- */

static void send_slot(struct slot *slot)
{
    int64_t left_s = (slot->message.expires_ms - clock_wall_ms()) / 1000;
    bool is_repeat = slot->message.class == OUTBOX_CONTRACLAVE && slot->message.replace;
    const struct modem_sms sms = {
        .number = slot->message.phone.e164,
        .text = slot->message.text,
        .validity_s = left_s > SHORTEST_VALIDITY_S ? left_s : SHORTEST_VALIDITY_S,
        .replace = is_repeat ? REPLACE_TYPE : 0,
        .concat_reference = (uint8_t)slot->message.id,
    };
    slot->is_claimed = false;
    modem_send(slot->modem, &sms);
}

/* One pass after the commit, so that the turn's answers leave first (DESIGN 1) and take as long
 * with an SMS as without. */
static void on_go(void *user)
{
    struct dispatch *dispatch = user;
    for (size_t i = 0; i < POOL_MAX; i++)
        if (dispatch->slots[i].is_claimed)
            send_slot(&dispatch->slots[i]);
}

static void on_claimed(bool committed, void *user)
{
    struct slot *slot = user;
    struct modem *modem = slot->modem;
    if (committed) {
        slot->is_claimed = true;
        loop_deferred_arm(slot->dispatch->go);
        return;
    }
    wake_in(slot->dispatch, SHORTEST_WAIT_MS);
    free_slot(slot);
    modem_release(modem);
}

static bool day_is_spent(struct dispatch *dispatch, const struct modem *modem, int64_t now_ms)
{
    int64_t limit = pool_per_day(dispatch->pool, modem), taken = 0;
    return limit > 0 && (outbox_count_taken(dispatch->service->store, modem_name(modem),
                                            now_ms - DAY_MS, limit, &taken) != CC_OK ||
                         taken >= limit);
}

/* Contraclaves first; but a notice must not wait for ever behind a town that never stops asking. */
static enum outbox_class class_of_turn(unsigned turn)
{
    if (turn % FAIR_TURN != FAIR_TURN - 1)
        return OUTBOX_CONTRACLAVE;
    return turn / FAIR_TURN % 2 == 0 ? OUTBOX_VALIDATION : OUTBOX_NOTICE;
}

/* False when there is nothing to claim, or it could not be. */
static bool claim_next(struct dispatch *dispatch, struct modem *modem, int64_t now_ms)
{
    struct store *store = dispatch->service->store;
    struct turn *turn = dispatch->service->turn;
    struct slot *slot = slot_of(dispatch, NULL);
    if (slot == NULL ||
        (slot->outcome.is_open && !slot->outcome.in_turn)) /* the store is in trouble */
        return false;
    if (day_is_spent(dispatch, modem, now_ms) ||
        outbox_next(store, now_ms, modem_name(modem), class_of_turn(dispatch->turns),
                    &slot->message) != CC_OK)
        return false;
    if (turn_enter(turn) != CC_OK)
        return false;
    bool claimed = outbox_claim(store, slot->message.id, modem_name(modem), now_ms) == CC_OK;
    turn_leave(turn, claimed);
    if (!claimed)
        return false;
    slot->modem = modem;
    dispatch->turns++;
    pool_note(dispatch->pool, modem, clock_mono_us() / 1000);
    modem_reserve(modem);
    turn_after(turn, on_claimed, slot);
    return true;
}

static void set_due_timer(struct dispatch *dispatch, int64_t now_ms)
{
    int64_t due_ms = INT64_MAX;
    if (outbox_next_due(dispatch->service->store, &due_ms) != CC_OK)
        due_ms = now_ms + SHORTEST_WAIT_MS;
    if (due_ms == INT64_MAX)
        return;
    int64_t wait_ms = due_ms - now_ms;
    if (wait_ms > LONGEST_WAIT_MS)
        wait_ms = LONGEST_WAIT_MS;
    wake_in(dispatch, wait_ms > 0 ? wait_ms : SHORTEST_WAIT_MS);
}

/* Expiry and closed report windows: state edges of the outbox that need no modem. */
static void keep_house(struct dispatch *dispatch, int64_t now_ms)
{
    struct turn *turn = dispatch->service->turn;
    if (turn_enter(turn) != CC_OK)
        return;
    enum cc_err err = outcome_windows_closed(dispatch->service, now_ms);
    if (err == CC_OK)
        err = outbox_expire(dispatch->service->store, now_ms, NULL);
    turn_leave(turn, err == CC_OK);
}

static void on_sweep(void *user)
{
    struct dispatch *dispatch = user;
    struct turn *turn = dispatch->service->turn;
    int64_t now_ms = clock_wall_ms();
    if (turn_enter(turn) == CC_OK)
        turn_leave(turn, store_sweep(dispatch->service->store, now_ms) == CC_OK);
    if (turn_enter(turn) == CC_OK)
        turn_leave(turn, receive_close_unfinished(dispatch->service, now_ms) == CC_OK);
    if (turn_enter(turn) == CC_OK)
        turn_leave(turn, watch_minute(dispatch->service, dispatch->pool, now_ms) == CC_OK);
    loop_timer_set(dispatch->sweep, clock_mono_us() + (int64_t)SWEEP_EVERY_MS * 1000);
}

/* What only the pace of its SIM holds back must be looked at again when that allows it. */
static void wake_for_pace(struct dispatch *dispatch)
{
    int64_t mono_ms = clock_mono_us() / 1000;
    int64_t free_ms = pool_free_at(dispatch->pool, mono_ms);
    if (free_ms != INT64_MAX)
        wake_in(dispatch, free_ms - mono_ms);
}

/* Inside the turn, before its commit: each idle modem takes one, the least loaded first. */
static void before_commit(void *user)
{
    struct dispatch *dispatch = user;
    struct modem *idle[POOL_MAX];
    int64_t now_ms = clock_wall_ms();
    if (dispatch->draining)
        return;
    size_t count = pool_idle(dispatch->pool, clock_mono_us() / 1000, idle);
    for (size_t i = 0; i < count; i++)
        (void)claim_next(dispatch, idle[i], now_ms);
    set_due_timer(dispatch, now_ms);
    wake_for_pace(dispatch);
}

static void record_open_outcomes(struct dispatch *dispatch);

static void on_due(void *user)
{
    struct dispatch *dispatch = user;
    dispatch->due_us = 0;
    record_open_outcomes(dispatch);
    keep_house(dispatch, clock_wall_ms());
    turn_request(dispatch->service->turn);
}

/* ---- back: outcomes and reports ------------------------------------------------------------- */

static bool apply_report(struct dispatch *dispatch, const char *modem,
                         const struct gsm_report *report)
{
    struct turn *turn = dispatch->service->turn;
    if (turn_enter(turn) != CC_OK)
        return false;
    enum cc_err err = outcome_report(dispatch->service, modem, report, clock_wall_ms());
    turn_leave(turn, err == CC_OK);
    return err == CC_OK;
}

static void on_recorded(bool committed, void *user)
{
    struct slot *slot = user;
    slot->outcome.in_turn = false;
    slot->outcome.is_open = !committed;
    if (!committed)
        wake_in(slot->dispatch, SHORTEST_WAIT_MS);
    else if (slot->dispatch->draining)
        loop_deferred_arm(slot->dispatch->idle_source);
}

/* Writes an outcome down; one that cannot be written now is tried again, it is not forgotten. */
static void record(struct slot *slot)
{
    struct turn *turn = slot->dispatch->service->turn;
    struct outcome *outcome = &slot->outcome;
    enum cc_err err = turn_enter(turn);
    if (err == CC_OK) {
        err = outcome_record(slot->dispatch->service, &outcome->message, &outcome->result,
                             outcome->has_other, clock_wall_ms());
        turn_leave(turn, err == CC_OK);
    }
    outcome->in_turn = err == CC_OK;
    if (err == CC_OK) {
        turn_after(turn, on_recorded, slot);
        return;
    }
    log_error("el resultado del mensaje %" PRId64
              " no se ha podido guardar; se intentará otra vez: %s",
              outcome->message.id, err_text(err));
    wake_in(slot->dispatch, SHORTEST_WAIT_MS);
}

static void record_open_outcomes(struct dispatch *dispatch)
{
    for (size_t i = 0; i < POOL_MAX; i++)
        if (dispatch->slots[i].outcome.is_open && !dispatch->slots[i].outcome.in_turn)
            record(&dispatch->slots[i]);
}

static void on_sent(struct modem *modem, const struct modem_result *result, void *user)
{
    struct dispatch *dispatch = user;
    struct slot *slot = slot_of(dispatch, modem);
    if (slot == NULL)
        return;
    secret_wipe(slot->message.text, sizeof(slot->message.text));
    slot->outcome = (struct outcome){.is_open = true,
                                     .message = slot->message,
                                     .result = *result,
                                     .has_other = pool_has_other(dispatch->pool, modem)};
    bool has_early = slot->has_early;
    struct gsm_report early = slot->early;
    record(slot);
    free_slot(slot);
    if (has_early)
        (void)apply_report(dispatch, modem_name(modem), &early);
}

/*
 * A report may overtake the +CMGS reply, or come though that was lost: it waits for the outcome of
 * the message that this modem has in hand, if it is for the same number.
 */
static void on_report(struct modem *modem, const struct gsm_report *report, void *user)
{
    struct dispatch *dispatch = user;
    struct slot *slot = slot_of(dispatch, modem);
    if (apply_report(dispatch, modem_name(modem), report) || slot == NULL ||
        !gsm_addr_same(slot->message.phone.e164, report->to.text))
        return;
    slot->has_early = true;
    slot->early = *report;
}

static void on_changed(struct modem *modem, void *user)
{
    struct dispatch *dispatch = user;
    if (modem_can_send(modem))
        turn_request(dispatch->service->turn);
}

static bool on_pin_try(struct modem *modem, const char *iccid, const char *pin, void *user)
{
    struct dispatch *dispatch = user;
    (void)modem;
    return pinguard_may_try(dispatch->service, iccid, pin);
}

static void on_pin_worked(struct modem *modem, const char *iccid, const char *pin, void *user)
{
    struct dispatch *dispatch = user;
    (void)modem;
    pinguard_worked(dispatch->service, iccid, pin);
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

/* ---- new, drain, free ----------------------------------------------------------------------- */

static void on_idle(void *user)
{
    struct dispatch *dispatch = user;
    for (size_t i = 0; i < POOL_MAX; i++)
        if (dispatch->slots[i].modem != NULL || dispatch->slots[i].outcome.is_open)
            return;
    dispatch->idle(dispatch->idle_user);
}

enum cc_err dispatch_new(struct loop *loop, struct service *service, struct pool *pool,
                         struct dispatch **ret)
{
    int64_t recovered = 0;
    enum cc_err err = outbox_recover(
        service->store, clock_wall_ms() + service->settings->report_window_ms, &recovered);
    if (err != CC_OK)
        return err;
    if (recovered > 0)
        log_warning("%lld mensajes quedaron a medias al cerrarse el programa: se espera su informe "
                    "de entrega",
                    (long long)recovered);
    struct dispatch *dispatch = calloc(1, sizeof(*dispatch));
    if (dispatch == NULL)
        return CC_ERR_MEMORY;
    dispatch->service = service;
    dispatch->pool = pool;
    for (size_t i = 0; i < POOL_MAX; i++)
        dispatch->slots[i].dispatch = dispatch;
    dispatch->due = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_due, dispatch);
    dispatch->sweep = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_sweep, dispatch);
    dispatch->go = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, on_go, dispatch);
    dispatch->idle_source = loop_add_deferred(loop, LOOP_PRIORITY_AFTER, on_idle, dispatch);
    turn_set_before(service->turn, before_commit, dispatch);
    wake_in(dispatch, 0);
    loop_timer_set(dispatch->sweep, clock_mono_us() + (int64_t)SWEEP_EVERY_MS * 1000);
    *ret = dispatch;
    return CC_OK;
}

void dispatch_free(struct dispatch *dispatch)
{
    if (dispatch == NULL)
        return;
    turn_set_before(dispatch->service->turn, NULL, NULL);
    loop_source_free(dispatch->due);
    loop_source_free(dispatch->sweep);
    loop_source_free(dispatch->go);
    loop_source_free(dispatch->idle_source);
    secret_wipe(dispatch->slots, sizeof(dispatch->slots));
    free(dispatch);
}

void dispatch_drain(struct dispatch *dispatch, loop_fn idle, void *user)
{
    dispatch->draining = true;
    dispatch->idle = idle;
    dispatch->idle_user = user;
    loop_deferred_arm(dispatch->idle_source);
}
