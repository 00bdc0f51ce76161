/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/application.h"
#include "service/dispatch_private.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/loop.h"
#include "service/monthly.h"
#include "service/outcome.h"
#include "service/purge.h"
#include "service/receive.h"
#include "service/watch.h"
#include "store/db_lead.h"
#include "store/refusals.h"

#include <stdlib.h>

enum {
    LONGEST_WAIT_MS = 30000, /* so that a wall clock that was set is noticed */
    SWEEP_EVERY_MS =
        60000, /* a bounded batch each: more than what one client can write in that time */
};

struct slot *dispatch_find_slot(struct dispatch *dispatch, enum slot_state state,
                                const struct modem *modem)
{
    for (size_t i = 0; i < DISPATCH_SLOTS; i++)
        if (dispatch->slots[i].state == state &&
            (modem == NULL || dispatch->slots[i].modem == modem))
            return &dispatch->slots[i];
    return NULL;
}

void dispatch_free_slot(struct slot *slot)
{
    secret_wipe(&slot->message, sizeof(slot->message));
    slot->modem = NULL;
    slot->state = SLOT_FREE;
    slot->has_early = false;
    if (slot->dispatch->draining)
        loop_deferred_arm(slot->dispatch->idle_source);
}

/* An earlier deadline stays: what is overdue must not be put off by every turn that passes. */
void dispatch_wake_in(struct dispatch *dispatch, int64_t wait_ms)
{
    int64_t at_us = loop_now_us(dispatch->service->loop) + wait_ms * 1000;
    if (dispatch->due_us != 0 && dispatch->due_us <= at_us)
        return;
    dispatch->due_us = at_us;
    loop_timer_set(dispatch->due, at_us);
}

/* ---- when ------------------------------------------------------------------------------------ */

/* Under a clock that is not believed nothing is due: it is looked at again when it may be right. */
static void set_due_timer(struct dispatch *dispatch, const struct clock_state *now)
{
    int64_t due_ms = INT64_MAX;
    if (outbox_next_due(dispatch->service->store, &due_ms) != CC_OK)
        due_ms = now->wall_ms + DISPATCH_SHORTEST_WAIT_MS;
    int64_t decoy_ms = decoys_next(&dispatch->service->decoys);
    if (decoy_ms < due_ms)
        due_ms = decoy_ms;
    if (due_ms == INT64_MAX)
        return;
    int64_t wait_ms = due_ms - now->wall_ms;
    if (!clock_verdict_is_good(now->verdict))
        wait_ms = now->verdict == CLOCK_WAIT ? now->wait_ms : LONGEST_WAIT_MS;
    if (wait_ms > LONGEST_WAIT_MS)
        wait_ms = LONGEST_WAIT_MS;
    dispatch_wake_in(dispatch, wait_ms > 0 ? wait_ms : DISPATCH_SHORTEST_WAIT_MS);
}

/* Expiry and closed report windows: state edges of the outbox that need no modem. */
static void keep_house(struct dispatch *dispatch)
{
    struct service *service = dispatch->service;
    struct clock_state now;
    int64_t expired = 0;
    if (service_look_at_clock(service, &now) != CC_OK || !clock_verdict_is_good(now.verdict) ||
        turn_enter(service->turn) != CC_OK)
        return;
    enum cc_err err = outcome_windows_closed(service, now.wall_ms);
    if (err == CC_OK)
        err = outbox_expire(service->store, now.wall_ms, &expired);
    service->metrics.expired += (uint64_t)expired;
    if (err == CC_OK)
        err = monthly_count_sms(service, MONTHLY_SMS_FAILED, expired, now.wall_ms);
    /* a message without a modem has no outcome, and neither has a decoy */
    if (err == CC_OK && decoys_take_due(&service->decoys, now.wall_ms) &&
        pool_is_ready(dispatch->pool))
        err = store_touch(service->store, now.wall_ms);
    turn_leave(service->turn, err == CC_OK);
}

static void sweep_queue(struct dispatch *dispatch, int64_t now_ms)
{
    struct service *service = dispatch->service;
    struct turn *turn = service->turn;
    int64_t wall_ms = loop_wall_ms(dispatch->service->loop);
    if (db_leads(service->store->db) && turn_enter(turn) == CC_OK)
        turn_leave(turn, store_sweep(service->store, now_ms) == CC_OK);
    if (turn_enter(turn) == CC_OK)
        turn_leave(turn, application_sweep(service, now_ms) == CC_OK);
    purge_look(service->upkeep.purge, now_ms);
    if (turn_enter(turn) == CC_OK)
        turn_leave(turn, receive_close_unfinished(service, now_ms) == CC_OK);
    if (turn_enter(turn) == CC_OK)
        turn_leave(turn, refusals_audit(service->store, wall_ms, false) == CC_OK);
    if (turn_enter(turn) == CC_OK)
        turn_leave(turn, town_minute(service, wall_ms) == CC_OK);
    if (turn_enter(turn) == CC_OK)
        turn_leave(turn, watch_minute(service, dispatch->pool, wall_ms) == CC_OK);
}

static void on_sweep(void *user)
{
    struct dispatch *dispatch = user;
    struct service *service = dispatch->service;
    int64_t sweep_ms = 0;
    enum cc_err err = turn_enter(service->turn);
    if (err == CC_OK) {
        err = service_tend_clock(service, &sweep_ms);
        turn_leave(service->turn, err == CC_OK);
    }
    if (err == CC_OK)
        sweep_queue(dispatch, sweep_ms);
    loop_timer_in(dispatch->sweep, (int64_t)SWEEP_EVERY_MS * 1000);
}

/* Points that wait join a turn that has something to write. */
static void write_held_points(struct dispatch *dispatch)
{
    struct service *service = dispatch->service;
    struct db *db = service->store->db;
    if (!watch_has_points(&service->watch) || !db_in_transaction(db) || !db_has_changed(db) ||
        turn_enter(service->turn) != CC_OK)
        return;
    turn_leave(service->turn, watch_write(service) == CC_OK);
}

static void before_commit(void *user)
{
    struct dispatch *dispatch = user;
    struct clock_state now;
    if (dispatch->draining || service_look_at_clock(dispatch->service, &now) != CC_OK)
        return;
    if (clock_verdict_is_good(now.verdict))
        dispatch_claim(dispatch, now.wall_ms);
    write_held_points(dispatch);
    set_due_timer(dispatch, &now);
}

static void on_due(void *user)
{
    struct dispatch *dispatch = user;
    dispatch->due_us = 0;
    dispatch_record_all(dispatch);
    dispatch_go(dispatch); /* sends rows that could not be put back, or waited for an outcome */
    keep_house(dispatch);
    turn_request(dispatch->service->turn);
}

/* ---- new, drain, free ------------------------------------------------------------------------ */

static void on_idle(void *user)
{
    struct dispatch *dispatch = user;
    for (size_t i = 0; i < DISPATCH_SLOTS; i++)
        if ((dispatch->slots[i].state != SLOT_FREE && dispatch->slots[i].state != SLOT_LOST) ||
            dispatch->slots[i].outcome.is_open)
            return;
    if (dispatch->report_end > 0)
        return;
    dispatch->idle(dispatch->idle_user);
}

enum cc_err dispatch_new(struct loop *loop, struct service *service, struct pool *pool,
                         struct dispatch **ret)
{
    int64_t recovered = 0;
    enum cc_err err = outbox_recover(
        service->store, service_now_ms(service) + service->settings->report_window_ms, &recovered);
    if (err != CC_OK)
        return err;
    if (recovered > 0)
        log_warning("%lld mensajes quedaron a medias al cerrarse el programa: se espera su informe "
                    "de entrega",
                    (long long)recovered);
    struct dispatch *dispatch = alloc_or_abort(sizeof(*dispatch));
    dispatch->service = service;
    dispatch->pool = pool;
    for (size_t i = 0; i < DISPATCH_SLOTS; i++)
        dispatch->slots[i].dispatch = dispatch;
    dispatch->due = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_due, dispatch);
    dispatch->sweep = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_sweep, dispatch);
    loop_timer_loosen(dispatch->sweep);
    dispatch->go = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, dispatch_go, dispatch);
    dispatch->go_in = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, dispatch_go, dispatch);
    dispatch->tick = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, dispatch_record_all, dispatch);
    dispatch->idle_source = loop_add_deferred(loop, LOOP_PRIORITY_AFTER, on_idle, dispatch);
    turn_set_before(service->turn, before_commit, dispatch);
    dispatch_wake_in(dispatch, 0);
    dispatch_boxes_start(dispatch);
    loop_timer_in(dispatch->sweep, (int64_t)SWEEP_EVERY_MS * 1000);
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
    loop_source_free(dispatch->beat);
    loop_source_free(dispatch->go);
    loop_source_free(dispatch->go_in);
    loop_source_free(dispatch->tick);
    loop_source_free(dispatch->idle_source);
    secret_wipe(dispatch->slots, sizeof(dispatch->slots));
    secret_wipe(dispatch->suspects, sizeof(dispatch->suspects));
    free(dispatch);
}

void dispatch_drain(struct dispatch *dispatch, loop_fn idle, void *user)
{
    if (turn_enter(dispatch->service->turn) == CC_OK) /* points that waited for such a turn */
        turn_leave(dispatch->service->turn, watch_write(dispatch->service) == CC_OK);
    dispatch->draining = true;
    dispatch->idle = idle;
    dispatch->idle_user = user;
    dispatch_record_all(dispatch);
    dispatch_go(dispatch); /* puts back what is loaded */
    loop_deferred_arm(dispatch->idle_source);
}
