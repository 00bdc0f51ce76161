/* SPDX-License-Identifier: EUPL-1.2 */
/* The way out: claim a message, commit, and send it when its modem can take it. */
#include "service/dispatch_private.h"

#include "base/span.h"
#include "pool/pace.h"
#include "service/sending.h"
#include "store/outbox_list.h"

enum {
    SHORTEST_VALIDITY_S = 300,
    FAIR_TURN = 8,    /* every eighth message may be of a class that waits behind another */
    REPLACE_TYPE = 1, /* for all contraclaves: a repeated one replaces the first */
};

/* Whether the outcome of a message before, by this modem, is not durable yet. */
static bool has_open_outcome(const struct dispatch *dispatch, const struct modem *modem)
{
    for (size_t i = 0; i < DISPATCH_SLOTS; i++)
        if (dispatch->slots[i].outcome.is_open && dispatch->slots[i].outcome.modem == modem)
            return true;
    return false;
}

/*
 * The modem has only the command yet: its prompt is read on a later pass, and the PDU follows then.
 * The outcome of the message before it is committed in between, while the modem prepares its
 * prompt, so that a kill finds one message per modem whose outcome is not known.
 */
static void send_slot(struct slot *slot)
{
    int64_t left_s = (slot->message.expires_ms - service_now_ms(slot->dispatch->service)) / 1000;
    bool is_repeat = slot->message.class == OUTBOX_CONTRACLAVE && slot->message.replace;
    const struct modem_sms sms = {
        .number = slot->message.phone.e164,
        .text = slot->message.text,
        .validity_s = left_s > SHORTEST_VALIDITY_S ? left_s : SHORTEST_VALIDITY_S,
        .replace = is_repeat ? REPLACE_TYPE : 0,
        .concat_reference = (uint8_t)slot->message.id,
    };
    slot->state = SLOT_SENDING;
    modem_send(slot->modem, &sms);
    if (has_open_outcome(slot->dispatch, slot->modem))
        turn_flush(slot->dispatch->service->turn);
}

/* The modem has not sent the message: the pace of its SIM is that of before. */
static void leave_modem(struct slot *slot, enum slot_state state)
{
    pool_take_back(slot->dispatch->pool, slot->modem);
    slot->modem = NULL;
    slot->state = state;
}

/* A drain does not wait for it: the next start finds its row. */
static void wake_for_lost(struct dispatch *dispatch)
{
    dispatch_wake_in(dispatch, DISPATCH_SHORTEST_WAIT_MS);
    if (dispatch->draining)
        loop_deferred_arm(dispatch->idle_source);
}

static void on_returned(bool committed, void *user)
{
    struct slot *slot = user;
    slot->state = SLOT_LOST;
    if (committed)
        dispatch_free_slot(slot);
    else
        wake_for_lost(slot->dispatch);
}

/* Writes that the message waits again; true also of one that another box has taken since. */
static bool return_message(struct slot *slot)
{
    struct turn *turn = slot->dispatch->service->turn;
    if (turn_enter(turn) != CC_OK)
        return false;
    bool is_done =
        err_allow_absent(outbox_unclaim(slot->dispatch->service->store, slot->message.id)) == CC_OK;
    turn_leave(turn, is_done);
    if (is_done)
        turn_after(turn, on_returned, slot);
    return is_done;
}

/* Back to the queue: its modem cannot send, or another can sooner. Until the commit its row may
 * still say that it is in flight. */
static void put_back(struct slot *slot)
{
    if (return_message(slot))
        leave_modem(slot, SLOT_RETURNING);
    else
        dispatch_wake_in(slot->dispatch, DISPATCH_SHORTEST_WAIT_MS);
}

/* An outcome could not be written down: nothing more is sent until it is. */
static bool is_in_trouble(const struct dispatch *dispatch)
{
    for (size_t i = 0; i < DISPATCH_SLOTS; i++)
        if (dispatch->slots[i].outcome.is_failed)
            return true;
    return false;
}

static void release_modem(struct slot *slot)
{
    if (slot->is_reserved)
        modem_release(slot->modem);
    slot->is_reserved = false;
}

/*
 * The hand-over to an idle modem takes the loop some 50 us, and the next answer of any client waits
 * that long. A random moment hides from that client whether the request before it had an SMS. A
 * line that was busy just before goes on at once: other people's messages hide there what follows.
 */
static int64_t draw_hand_over(const struct slot *slot)
{
    int64_t now_us = loop_now_us(slot->dispatch->service->loop);
    if (!slot->is_reserved || now_us - slot->dispatch->busy_us < DISPATCH_JITTER_US)
        return now_us;
    return now_us + secret_random_below(DISPATCH_JITTER_US);
}

static void on_turn_over(bool committed, void *user)
{
    struct dispatch *dispatch = user;
    int64_t now_us = loop_now_us(dispatch->service->loop);
    (void)committed;
    dispatch->awaits_turn = false;
    for (size_t i = 0; i < DISPATCH_SLOTS; i++) {
        struct slot *slot = &dispatch->slots[i];
        if (slot->state == SLOT_LOADED && slot->go_us <= now_us)
            slot->go_us = draw_hand_over(slot);
    }
    loop_deferred_arm(dispatch->go);
}

/*
 * Whether a hand-over lets the answers of the open turn leave first: in front of them it would make
 * the next answer of any client later, and tell that client that the request before it had an SMS.
 * Not for ever, where one turn follows the other.
 */
static bool lets_answers_pass(const struct slot *slot, int64_t now_us)
{
    return slot->is_reserved && turn_is_open(slot->dispatch->service->turn) &&
           now_us < slot->latest_us;
}

/* Whether it is time for a loaded one. */
static bool may_go(struct slot *slot, int64_t now_us)
{
    struct dispatch *dispatch = slot->dispatch;
    if (dispatch->draining)
        return true;
    if (slot->go_us > now_us)
        return false;
    if (!lets_answers_pass(slot, now_us))
        return true;
    if (!dispatch->awaits_turn)
        turn_after(dispatch->service->turn, on_turn_over, dispatch);
    dispatch->awaits_turn = true;
    return false;
}

/* Whether what waited behind another message is still to be sent: meanwhile its request may have
 * been cancelled. A reserved one has not waited. */
static bool is_wanted(const struct slot *slot)
{
    struct service *service = slot->dispatch->service;
    return slot->is_reserved || outbox_check_claim(service->store, slot->message.id,
                                                   service_now_ms(service)) != CC_ERR_NOT_FOUND;
}

/* A loaded one goes if its modem can take it, and goes back if that will not be soon, or if the
 * clock is no longer believed: its SMS might be dead already. */
static void try_send(struct slot *slot, int64_t now_us)
{
    if (!may_go(slot, now_us))
        return;
    bool is_free = modem_can_send(slot->modem) && !is_in_trouble(slot->dispatch);
    if (!service_clock_is_good(slot->dispatch->service)) {
        release_modem(slot);
        put_back(slot);
    } else if ((slot->is_reserved || is_free) && !is_wanted(slot)) {
        put_back(slot);
    } else if (slot->is_reserved || is_free) {
        slot->is_reserved = false;
        send_slot(slot);
    } else if (slot->dispatch->draining || !modem_is_ready(slot->modem)) {
        put_back(slot);
    }
}

/* Sends in a pass of its own after the commit, so that the turn's answers leave first (DESIGN 1)
 * and take as long with an SMS as without. */
void dispatch_go(void *user)
{
    struct dispatch *dispatch = user;
    int64_t now_us = loop_now_us(dispatch->service->loop), next_us = INT64_MAX;
    for (size_t i = 0; i < DISPATCH_SLOTS; i++) {
        struct slot *slot = &dispatch->slots[i];
        if (slot->state == SLOT_LOADED)
            try_send(slot, now_us);
        if (slot->state == SLOT_LOADED && slot->go_us > now_us && slot->go_us < next_us)
            next_us = slot->go_us;
    }
    if (next_us != INT64_MAX)
        loop_timer_set(dispatch->go_in, next_us);
}

/* ---- claims of which it is not known whether they were committed ----------------------------- */

/* False: one is not settled yet. No message is claimed before, or it might be that one. */
static bool settle_claims(struct dispatch *dispatch)
{
    bool is_settled = true;
    for (size_t i = 0; i < DISPATCH_SLOTS; i++) {
        struct slot *slot = &dispatch->slots[i];
        if (slot->state == SLOT_LOST && return_message(slot))
            slot->state = SLOT_SETTLING;
        is_settled &= slot->state != SLOT_LOST && slot->state != SLOT_SETTLING;
    }
    if (!is_settled)
        dispatch_wake_in(dispatch, DISPATCH_SHORTEST_WAIT_MS);
    return is_settled;
}

static void on_claimed(bool committed, void *user)
{
    struct slot *slot = user;
    if (committed) {
        slot->state = SLOT_LOADED;
        slot->go_us = draw_hand_over(slot);
        slot->latest_us = slot->go_us + DISPATCH_TICK_US;
        loop_deferred_arm(slot->dispatch->go);
        return;
    }
    wake_for_lost(slot->dispatch);
    release_modem(slot);
    /* a server may have committed what it could not tell any more: the row then says that the
     * message is in flight, and nobody sends it */
    leave_modem(slot, SLOT_LOST);
    if (!db_is_shared(slot->dispatch->service->store->db))
        dispatch_free_slot(slot);
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
    struct slot *slot = dispatch_find_slot(dispatch, SLOT_FREE, NULL);
    if (slot == NULL || is_in_trouble(dispatch))
        return false;
    if (day_is_spent(dispatch, modem, now_ms) ||
        outbox_next(store, now_ms, modem_name(modem), class_of_turn(dispatch->turns),
                    &slot->message) != CC_OK)
        return false;
    dispatch_record_all(dispatch); /* a kill must find no more than one message per modem open */
    if (turn_enter(turn) != CC_OK)
        return false;
    bool claimed = outbox_claim(store, slot->message.id, modem_name(modem), now_ms) == CC_OK;
    turn_leave(turn, claimed);
    if (!claimed)
        return false;
    slot->modem = modem;
    slot->state = SLOT_CLAIMING;
    dispatch->turns++;
    pool_note(dispatch->pool, modem, loop_now_us(dispatch->service->loop) / 1000);
    slot->is_reserved = modem_can_send(modem);
    if (slot->is_reserved)
        modem_reserve(modem);
    turn_after(turn, on_claimed, slot);
    return true;
}

bool dispatch_has_next(struct dispatch *dispatch, const struct modem *modem)
{
    return dispatch_find_slot(dispatch, SLOT_CLAIMING, modem) != NULL ||
           dispatch_find_slot(dispatch, SLOT_LOADED, modem) != NULL;
}

/* For an idle modem: from the queue, or else what waits behind another's message. */
static void feed_modem(struct dispatch *dispatch, struct modem *modem, int64_t now_ms)
{
    if (dispatch_has_next(dispatch, modem) || claim_next(dispatch, modem, now_ms))
        return;
    struct slot *waiting = dispatch_find_slot(dispatch, SLOT_LOADED, NULL);
    if (waiting == NULL || dispatch_find_slot(dispatch, SLOT_SENDING, waiting->modem) == NULL)
        return;
    put_back(waiting);
    (void)claim_next(dispatch, modem, now_ms);
}

/*
 * Once, before the first claim: the pace of each SIM goes on where the last run of the program left
 * it, or a box that restarts again and again would look like a spammer to the operator. False: the
 * database does not say.
 */
static bool recall_pace(struct dispatch *dispatch, int64_t now_ms)
{
    int64_t taken_ms[PACE_PER_MINUTE_MAX];
    int64_t mono_ms = loop_now_us(dispatch->service->loop) / 1000;
    const struct outbox_period minute = {now_ms - MINUTE_MS, now_ms};
    for (; dispatch->recalled < pool_count(dispatch->pool); dispatch->recalled++) {
        const struct modem *modem = pool_at(dispatch->pool, dispatch->recalled);
        size_t count = 0;
        if (outbox_list_taken(dispatch->service->store, modem_name(modem), &minute, taken_ms,
                              PACE_PER_MINUTE_MAX, &count) != CC_OK)
            return false;
        for (size_t i = 0; i < count; i++)
            pool_note(dispatch->pool, modem, mono_ms - (now_ms - taken_ms[i]));
    }
    return true;
}

/* Each idle modem takes one, the least loaded first; then each
 * that is sending gets its next. */
void dispatch_claim(struct dispatch *dispatch, int64_t now_ms)
{
    struct modem *modems[POOL_MAX];
    if (!settle_claims(dispatch) || sending_is_paused(dispatch->service) ||
        !recall_pace(dispatch, now_ms))
        return;
    int64_t mono_ms = loop_now_us(dispatch->service->loop) / 1000;
    size_t count = pool_idle(dispatch->pool, mono_ms, modems);
    for (size_t i = 0; i < count; i++)
        feed_modem(dispatch, modems[i], now_ms);
    count = pool_sending(dispatch->pool, mono_ms, modems);
    for (size_t i = 0; i < count; i++)
        if (!dispatch_has_next(dispatch, modems[i]))
            (void)claim_next(dispatch, modems[i], now_ms);
    /* messages that only the pace of their SIM holds back: when it allows one */
    int64_t free_ms = pool_free_at(dispatch->pool, mono_ms);
    if (free_ms != INT64_MAX)
        dispatch_wake_in(dispatch, free_ms - mono_ms);
}
