/* SPDX-License-Identifier: EUPL-1.2 */
/* The dispatcher among those of other boxes that share the database. */
#include "service/dispatch_private.h"

#include "base/log.h"
#include "base/loop.h"
#include "base/span.h"
#include "domain/mail.h"
#include "service/access.h"
#include "service/mailer.h"
#include "service/sending.h"
#include "store/boxes.h"
#include "store/db_lead.h"
#include "store/outbox_list.h"

#include <inttypes.h>

enum { AGAIN_MS = 500 }; /* the server is away, or another box has its turn */

/* Messages that another box has no modem free for: as many as the modems of this one send until
 * next time.
 */
static enum cc_err share(struct dispatch *dispatch, const struct clock_state *now)
{
    enum { EACH = 4 };
    int64_t count = 0, ready = 0;
    for (size_t i = 0; i < pool_count(dispatch->pool); i++)
        ready += modem_is_ready(pool_at(dispatch->pool, i));
    enum cc_err err = boxes_share(dispatch->service->store, now->wall_ms, EACH * ready, &count);
    if (err == CC_OK && count > 0)
        dispatch_wake_in(dispatch, 0);
    return err;
}

static enum cc_err take_over(struct dispatch *dispatch, const struct clock_state *now)
{
    int64_t count = 0;
    enum cc_err err =
        boxes_take_over(dispatch->service->store, dispatch->service->facts.boxes.gone_ms,
                        now->wall_ms + dispatch->service->settings->report_window_ms, &count);
    if (err == CC_OK && count > 0) {
        log_notice("%" PRId64 " mensajes de un equipo que no puede enviar salen por este", count);
        dispatch_wake_in(dispatch, 0);
    }
    return err;
}

static bool is_held(const struct dispatch *dispatch, int64_t id)
{
    for (size_t i = 0; i < DISPATCH_SLOTS; i++) {
        const struct slot *slot = &dispatch->slots[i];
        if ((slot->state != SLOT_FREE && slot->message.id == id) ||
            (slot->outcome.is_open && slot->outcome.message.id == id))
            return true;
    }
    return false;
}

/*
 * Puts back what the database has as on its way by this box, and no modem has: the server committed
 * the claim, and the connection broke before it said so.
 */
static enum cc_err put_back_lost(struct dispatch *dispatch)
{
    enum { MANY = 2 * DISPATCH_SLOTS };
    struct store *store = dispatch->service->store;
    int64_t ids[MANY];
    size_t count = 0;
    enum cc_err err = outbox_list_claimed(store, ids, MANY, &count);
    for (size_t i = 0; i < count && err == CC_OK; i++)
        if (!is_held(dispatch, ids[i]))
            err = outbox_unclaim(store, ids[i]);
    return err;
}

static enum cc_err beat(struct dispatch *dispatch, const struct clock_state *now, bool can_send)
{
    struct service *service = dispatch->service;
    struct store *store = service->store;
    struct box_state state = {.can_send = can_send, .modems = (int64_t)pool_count(dispatch->pool)};
    for (size_t i = 0; i < pool_count(dispatch->pool); i++)
        state.ready += modem_is_ready(pool_at(dispatch->pool, i));
    enum cc_err err = db_take_lead(store->db);
    state.leads = db_leads(store->db);
    if (err == CC_OK)
        err = boxes_beat(store, now->wall_ms, &state);
    if (err == CC_OK)
        err = boxes_read(store, now->wall_ms, loop_now_us(service->loop), &service->facts.boxes);
    return err;
}

static enum cc_err take_mails(struct service *service, const struct clock_state *now)
{
    int64_t count = 0;
    enum cc_err err = boxes_take_mails(service->store, service->facts.boxes.gone_ms,
                                       now->wall_ms + MAIL_DOUBT_MS, &count);
    if (err == CC_OK && count > 0) {
        log_notice("%" PRId64 " correos de un equipo que no está salen por este", count);
        mailer_wake(service->senders.mailer);
    }
    return err;
}

static bool can_box_send(const struct dispatch *dispatch)
{
    return pool_is_ready(dispatch->pool) && !sending_is_paused(dispatch->service) &&
           !dispatch->draining;
}

static enum cc_err tell_and_take(struct dispatch *dispatch, const struct clock_state *now)
{
    struct service *service = dispatch->service;
    bool can_send = can_box_send(dispatch);
    enum cc_err err = beat(dispatch, now, can_send);
    dispatch->tells_sending = can_send && err == CC_OK;
    if (err == CC_OK)
        err = put_back_lost(dispatch);
    if (err == CC_OK && can_send)
        err = take_over(dispatch, now);
    if (err == CC_OK && can_send)
        err = share(dispatch, now);
    return err == CC_OK && db_leads(service->store->db) ? take_mails(service, now) : err;
}

/* A clock that is not believed dates nothing that another box compares with its own. */
static void on_beat(void *user)
{
    struct dispatch *dispatch = user;
    struct service *service = dispatch->service;
    struct clock_state now;
    bool is_there = turn_enter(service->turn) == CC_OK;
    loop_timer_in(dispatch->beat, (is_there ? BOXES_BEAT_MS : AGAIN_MS) * US_PER_MS);
    if (!is_there)
        return;
    enum cc_err err = service_look_at_clock(service, &now);
    if (err == CC_OK && service->access != NULL)
        err = access_reload(service->access); /* others may have changed it */
    if (err == CC_OK)
        err = sending_follow(service);
    if (err == CC_OK && clock_verdict_is_good(now.verdict))
        err = tell_and_take(dispatch, &now);
    turn_leave(service->turn, err == CC_OK);
}

/* Messages that are asked of this box meanwhile would be taken over by another. */
void dispatch_boxes_look(struct dispatch *dispatch)
{
    if (dispatch->beat != NULL && !dispatch->tells_sending && can_box_send(dispatch))
        loop_timer_in(dispatch->beat, 0);
}

void dispatch_boxes_start(struct dispatch *dispatch)
{
    struct loop *loop = dispatch->service->loop;
    if (!db_is_shared(dispatch->service->store->db))
        return;
    dispatch->beat = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_beat, dispatch);
    loop_timer_in(dispatch->beat, 0);
}
