/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/dispatch.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/outcome.h"
#include "store/outbox.h"
#include "store/simpin.h"

#include <stdlib.h>
#include <string.h>

enum {
    EARLY_REPORTS = 8,
    LONGEST_WAIT_MS = 30000, /* so that a wall clock that was set is noticed */
    SHORTEST_WAIT_MS = 1000, /* due, but no modem: its own event will come */
    SHORTEST_VALIDITY_S = 300,
    SWEEP_EVERY_MS =
        60000, /* a bounded batch each: more than what one client can write in that time */
    REPLACE_TYPE =
        1, /* one type for all contraclaves: a repeated one takes the place of the first */
};

/* A message in the hands of a modem. */
struct slot {
    struct dispatch *dispatch;
    struct modem *modem; /* NULL = free */
    struct outbox_message message;
};

struct early_report {
    char modem[MODEM_NAME_SIZE];
    struct gsm_report report;
};

struct dispatch {
    struct service *service;
    struct pool *pool;
    struct loop_source *due;   /* something becomes due */
    struct loop_source *sweep; /* old rows: also when nothing is ever due */
    struct loop_source *idle_source;
    loop_fn idle;
    void *idle_user;
    bool draining;
    struct slot slots[POOL_MAX];
    struct early_report early[EARLY_REPORTS]; /* reports whose message has no outcome yet */
    size_t early_next;
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
    if (slot->dispatch->draining)
        loop_deferred_arm(slot->dispatch->idle_source);
}

/* ---- out: claim, commit, send --------------------------------------------------------------- */

static void on_claimed(bool committed, void *user)
{
    struct slot *slot = user;
    struct modem *modem = slot->modem;
    if (!committed) {
        loop_timer_set(slot->dispatch->due, clock_mono_us() + (int64_t)SHORTEST_WAIT_MS * 1000);
        free_slot(slot);
        modem_release(modem);
        return;
    }
    int64_t left_s = (slot->message.expires_ms - clock_wall_ms()) / 1000;
    const struct modem_sms sms = {
        .number = slot->message.phone.e164,
        .text = slot->message.text,
        .validity_s = left_s > SHORTEST_VALIDITY_S ? left_s : SHORTEST_VALIDITY_S,
        .replace =
            slot->message.class == OUTBOX_CONTRACLAVE && slot->message.replace ? REPLACE_TYPE : 0,
        .concat_reference = (uint8_t)slot->message.id,
    };
    modem_send(modem, &sms);
}

/* False when there is nothing to claim, or it could not be. */
static bool claim_next(struct dispatch *dispatch, struct modem *modem, int64_t now_ms)
{
    struct store *store = dispatch->service->store;
    struct turn *turn = dispatch->service->turn;
    struct slot *slot = slot_of(dispatch, NULL);
    if (slot == NULL || outbox_next(store, now_ms, &slot->message) != CC_OK)
        return false;
    if (turn_enter(turn) != CC_OK)
        return false;
    bool claimed = outbox_claim(store, slot->message.id, modem_name(modem), now_ms) == CC_OK;
    turn_leave(turn, claimed);
    if (!claimed)
        return false;
    slot->modem = modem;
    modem_reserve(modem);
    turn_after(turn, on_claimed, slot);
    return true;
}

static void set_due_timer(struct dispatch *dispatch, int64_t now_ms)
{
    int64_t due_ms = INT64_MAX;
    if (outbox_next_due(dispatch->service->store, &due_ms) != CC_OK)
        due_ms = now_ms + SHORTEST_WAIT_MS;
    if (due_ms == INT64_MAX) {
        loop_timer_clear(dispatch->due);
        return;
    }
    int64_t wait_ms = due_ms - now_ms;
    if (wait_ms > LONGEST_WAIT_MS)
        wait_ms = LONGEST_WAIT_MS;
    if (wait_ms <= 0)
        wait_ms = SHORTEST_WAIT_MS;
    loop_timer_set(dispatch->due, clock_mono_us() + wait_ms * 1000);
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
    if (turn_enter(turn) == CC_OK)
        turn_leave(turn, store_sweep(dispatch->service->store, clock_wall_ms()) == CC_OK);
    loop_timer_set(dispatch->sweep, clock_mono_us() + (int64_t)SWEEP_EVERY_MS * 1000);
}

/* Inside the turn, before its commit. */
static void before_commit(void *user)
{
    struct dispatch *dispatch = user;
    struct modem *modem;
    int64_t now_ms = clock_wall_ms();
    if (dispatch->draining)
        return;
    while ((modem = pool_idle(dispatch->pool)) != NULL && claim_next(dispatch, modem, now_ms))
        ;
    set_due_timer(dispatch, now_ms);
}

static void on_due(void *user)
{
    struct dispatch *dispatch = user;
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

/* A report may overtake the +CMGS reply, or come though that was lost: it waits for the outcome. */
static void apply_early_reports(struct dispatch *dispatch)
{
    for (size_t i = 0; i < EARLY_REPORTS; i++) {
        struct early_report *early = &dispatch->early[i];
        if (early->modem[0] != '\0' && apply_report(dispatch, early->modem, &early->report))
            early->modem[0] = '\0';
    }
}

static void on_sent(struct modem *modem, const struct modem_result *result, void *user)
{
    struct dispatch *dispatch = user;
    struct turn *turn = dispatch->service->turn;
    struct slot *slot = slot_of(dispatch, modem);
    if (slot == NULL)
        return;
    enum cc_err err = turn_enter(turn);
    if (err == CC_OK) {
        err = outcome_record(dispatch->service, &slot->message, result, clock_wall_ms());
        turn_leave(turn, err == CC_OK);
    }
    if (err != CC_OK) /* the row stays `sending`: the next start takes it for unknown */
        log_error("el resultado del mensaje %lld no se ha podido guardar: %s",
                  (long long)slot->message.id, err_text(err));
    free_slot(slot);
    apply_early_reports(dispatch);
}

static void on_report(struct modem *modem, const struct gsm_report *report, void *user)
{
    struct dispatch *dispatch = user;
    if (apply_report(dispatch, modem_name(modem), report))
        return;
    struct early_report *early = &dispatch->early[dispatch->early_next++ % EARLY_REPORTS];
    memcpy(early->modem, modem_name(modem), sizeof(early->modem));
    early->report = *report;
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
    bool tried = true;
    (void)modem;
    if (simpin_was_tried(dispatch->service->store, iccid, pin, &tried) != CC_OK || tried)
        return false;
    return simpin_trying(dispatch->service->store, iccid, pin, clock_wall_ms()) == CC_OK;
}

static void on_pin_worked(struct modem *modem, const char *iccid, const char *pin, void *user)
{
    struct dispatch *dispatch = user;
    if (simpin_worked(dispatch->service->store, iccid, pin) != CC_OK)
        log_warning("módem %s: no se ha podido anotar que el PIN es correcto", modem_name(modem));
}

const struct modem_events dispatch_modem_events = {
    .changed = on_changed,
    .sent = on_sent,
    .report = on_report,
    .pin_try = on_pin_try,
    .pin_worked = on_pin_worked,
};

/* ---- new, drain, free ----------------------------------------------------------------------- */

static void on_idle(void *user)
{
    struct dispatch *dispatch = user;
    for (size_t i = 0; i < POOL_MAX; i++)
        if (dispatch->slots[i].modem != NULL)
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
    dispatch->idle_source = loop_add_deferred(loop, LOOP_PRIORITY_AFTER, on_idle, dispatch);
    turn_set_before(service->turn, before_commit, dispatch);
    loop_timer_set(dispatch->due, 0);
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
