/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/alerts.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/span.h"
#include "service/alert_look.h"
#include "service/alert_sender.h"
#include "service/caller.h"
#include "service/facts.h"
#include "store/audit.h"
#include "store/db_fault.h"
#include "store/db_lead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_S = 15,
    NOBODY_S = 60, /* to the next look while no channel is configured */
    SAVE_AGAIN_S = 300,
    TRIES_MAX = 24, /* the pauses between them add up to 19 hours */
    TRIAL = ALERT_KIND_COUNT
};

struct sending {
    int kind; /* enum alert_kind, or TRIAL */
    enum alert_channel channel;
    enum alert_event event;
};

struct channel {
    struct alert_result last, trial_end;
    enum alert_trial trial;
    bool is_trial_due;
    bool has_failed; /* said in the log, until one is sent */
    uint64_t sent, failed;
};

struct alerts {
    struct service *service;
    struct loop *loop;
    struct loop_source *look, *next;
    struct alert_sender *sender;
    struct sending sending;
    struct alert_record records[ALERT_KIND_COUNT];
    bool is_unsaved[ALERT_KIND_COUNT];
    int64_t due_us[ALERT_KIND_COUNT][ALERT_CHANNEL_COUNT]; /* not before; 0 = at once */
    int64_t save_us;                                       /* not before: the last one failed */
    struct channel channels[ALERT_CHANNEL_COUNT];
    bool leads; /* the records are ours to send: is_ours() */
};

const char *alert_channel_token(enum alert_channel channel)
{
    static const char *const tokens[ALERT_CHANNEL_COUNT] = {"correo", "webhook"};
    return tokens[channel];
}

static const struct alert_settings *settings_of(const struct alerts *alerts)
{
    return &alerts->service->settings->alerts;
}

static bool is_configured(const struct alerts *alerts, enum alert_channel channel)
{
    const struct alert_settings *settings = settings_of(alerts);
    return (channel == ALERT_MAIL ? settings->recipients : settings->webhook)[0] != '\0';
}

static bool has_channel(const struct alerts *alerts)
{
    return is_configured(alerts, ALERT_MAIL) || is_configured(alerts, ALERT_WEBHOOK);
}

/* ---- keeping --------------------------------------------------------------------------------- */

static enum cc_err save_records(struct alerts *alerts)
{
    enum cc_err err = CC_OK;
    for (int kind = 0; kind < ALERT_KIND_COUNT && err == CC_OK; kind++)
        if (alerts->is_unsaved[kind])
            err =
                alerts_save(alerts->service->store, (enum alert_kind)kind, &alerts->records[kind]);
    for (int i = 0; i < ALERT_CHANNEL_COUNT && err == CC_OK; i++)
        if (alerts->channels[i].last.at_ms > 0)
            err = alerts_save_result(alerts->service->store, (enum alert_channel)i,
                                     &alerts->channels[i].last);
    return err;
}

/* Sends what waits, now that it is durable; or cannot be, which must not keep an alert back. */
static void on_commit(bool committed, void *user)
{
    struct alerts *alerts = user;
    if (committed)
        memset(alerts->is_unsaved, 0, sizeof(alerts->is_unsaved));
    else
        alerts->save_us = loop_now_us(alerts->loop) + SAVE_AGAIN_S * US_PER_S;
    loop_deferred_arm(alerts->next);
}

static void save_all(struct alerts *alerts)
{
    struct turn *turn = alerts->service->turn;
    if (loop_now_us(alerts->loop) < alerts->save_us) {
        loop_deferred_arm(alerts->next);
        return;
    }
    enum cc_err err = turn_enter(turn);
    if (err == CC_OK) {
        err = save_records(alerts);
        turn_leave(turn, err == CC_OK);
    }
    if (err == CC_OK)
        turn_after(turn, on_commit, alerts);
    else
        on_commit(false, alerts);
}

static bool has_unsaved(const struct alerts *alerts)
{
    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++)
        if (alerts->is_unsaved[kind])
            return true;
    return false;
}

/* ---- looking --------------------------------------------------------------------------------- */

static void set_waiting(struct alerts *alerts, enum alert_kind kind, enum alert_event event)
{
    for (int i = 0; i < ALERT_CHANNEL_COUNT; i++) {
        struct alert_waiting *waiting = &alerts->records[kind].waiting[i];
        if (is_configured(alerts, (enum alert_channel)i))
            *waiting = (struct alert_waiting){.event = event};
        alerts->due_us[kind][i] = 0;
    }
}

static void keep_text(struct alert_record *record, const struct facts *facts,
                      const struct verdict *verdict, const struct alert_look *look)
{
    struct buf sentence, action;
    buf_init(&sentence, record->sentence, sizeof(record->sentence));
    buf_init(&action, record->action, sizeof(record->action));
    alert_say(&facts->told, verdict, look, &sentence, &action);
    if (buf_cstr(&sentence) == NULL || buf_cstr(&action) == NULL)
        record->sentence[0] = record->action[0] = '\0';
    (void)snprintf(record->cause, sizeof(record->cause), "%s",
                   look->reason == VERDICT_FINE ? "cola" : verdict_reason_token(look->reason));
}

static bool is_same_state(const struct alert_state *a, const struct alert_state *b)
{
    return a->phase == b->phase && a->since_ms == b->since_ms && a->calm_ms == b->calm_ms &&
           a->opened_ms == b->opened_ms && a->told_ms == b->told_ms && a->relapses == b->relapses;
}

static void step_kind(struct alerts *alerts, enum alert_kind kind, const struct facts *facts,
                      const struct verdict *verdict)
{
    const struct alert_settings *settings = settings_of(alerts);
    struct alert_record *record = &alerts->records[kind];
    const struct alert_state before = record->state;
    struct alert_look look;
    alert_look(&facts->told, verdict, kind, settings->queue_ms, &look);
    if (look.presence == ALERT_UNTOLD)
        return;
    enum alert_event event = alert_step(&record->state, look.presence == ALERT_PRESENT,
                                        look.since_ms, facts->told.now_ms, settings->after_ms);
    if (event == ALERT_OPENED || event == ALERT_REMINDER)
        keep_text(record, facts, verdict, &look);
    if (event != ALERT_NONE)
        set_waiting(alerts, kind, event);
    if (!is_same_state(&before, &record->state))
        alerts->is_unsaved[kind] = true;
}

static enum cc_err load_records(struct alerts *alerts)
{
    struct alert_result results[ALERT_CHANNEL_COUNT];
    enum cc_err err = alerts_load(alerts->service->store, alerts->records, results);
    for (int i = 0; i < ALERT_CHANNEL_COUNT && err == CC_OK; i++)
        alerts->channels[i].last = results[i];
    return err;
}

/*
 * Boxes that share a database have one set of alerts, which the box that leads sends. One that
 * begins to lead goes on from what the other has written; one whose server is away, from what it
 * knows, for nobody leads then.
 */
static bool is_ours(struct alerts *alerts)
{
    struct store *store = alerts->service->store;
    bool leads = db_leads(store->db), did_lead = alerts->leads;
    if (!leads && db_fault(store->db) == DB_FAULT_AWAY)
        return did_lead;
    alerts->leads = leads;
    if (!leads || did_lead)
        return leads;
    alerts->leads = load_records(alerts) == CC_OK;
    return alerts->leads;
}

static void on_look(void *user)
{
    struct alerts *alerts = user;
    struct facts facts;
    struct verdict verdict;
    int64_t next_s = has_channel(alerts) ? LOOK_S : NOBODY_S;
    loop_timer_in(alerts->look, next_s * US_PER_S);
    if (!has_channel(alerts) || !is_ours(alerts))
        return;
    facts_collect(alerts->service, true, &facts);
    verdict_judge(&facts.told, &verdict);
    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++)
        step_kind(alerts, (enum alert_kind)kind, &facts, &verdict);
    if (has_unsaved(alerts))
        save_all(alerts);
    else
        loop_deferred_arm(alerts->next); /* alerts may wait for their next try */
}

/* ---- sending --------------------------------------------------------------------------------- */

static int64_t pause_after(int64_t tries)
{
    static const int64_t minutes[] = {1, 2, 5, 15, 30, 60};
    enum { LAST = sizeof(minutes) / sizeof(minutes[0]) - 1 };
    return minutes[tries > LAST ? LAST : tries - 1] * 60 * US_PER_S;
}

/* Of an alert; a newer event may wait in its place by now. */
static void note_waiting(struct alerts *alerts, bool is_sent)
{
    const struct sending *sending = &alerts->sending;
    struct alert_waiting *waiting = &alerts->records[sending->kind].waiting[sending->channel];
    if (waiting->event != sending->event)
        return;
    waiting->tries++;
    if (!is_sent && waiting->tries < TRIES_MAX) {
        alerts->due_us[sending->kind][sending->channel] =
            loop_now_us(alerts->loop) + pause_after(waiting->tries);
        return;
    }
    if (!is_sent)
        log_error(
            "aviso «%s»: no se ha podido enviar por %s en %d intentos y se deja; mire por qué "
            "con «contraclavectl avisos prueba»",
            alert_kind_token((enum alert_kind)sending->kind), alert_channel_token(sending->channel),
            TRIES_MAX);
    *waiting = (struct alert_waiting){.event = ALERT_NONE};
}

static void say_result(const struct sending *sending, struct channel *channel,
                       const struct alert_result *result)
{
    const char *by = alert_channel_token(sending->channel);
    const char *what =
        sending->kind == TRIAL ? "prueba" : alert_kind_token((enum alert_kind)sending->kind);
    if (result->is_sent)
        log_notice("aviso «%s» (%s) enviado por %s", what, alert_event_token(sending->event), by);
    else if (!channel->has_failed || sending->kind == TRIAL)
        log_warning("aviso «%s»: no se envía por %s: %s", what, by, result->detail);
    channel->has_failed = !result->is_sent;
}

static void on_sent(bool is_sent, const char *detail, void *user)
{
    struct alerts *alerts = user;
    const struct sending *sending = &alerts->sending;
    struct channel *channel = &alerts->channels[sending->channel];
    struct alert_result *result = sending->kind == TRIAL ? &channel->trial_end : &channel->last;
    *result = (struct alert_result){.at_ms = service_now_ms(alerts->service), .is_sent = is_sent};
    (void)snprintf(result->detail, sizeof(result->detail), "%s", detail);
    channel->sent += is_sent;
    channel->failed += !is_sent;
    say_result(sending, channel, result);
    if (sending->kind == TRIAL) {
        channel->trial = ALERT_TRIED;
    } else {
        note_waiting(alerts, is_sent);
        alerts->is_unsaved[sending->kind] = true;
        save_all(alerts);
    }
    loop_deferred_arm(alerts->next);
}

static void start(struct alerts *alerts, int kind, enum alert_channel channel,
                  enum alert_event event)
{
    static const struct alert_record trial = {.sentence = "Prueba de los avisos."};
    const struct alert_record *record = kind == TRIAL ? &trial : &alerts->records[kind];
    const struct alert_told told = {
        .event = event,
        .kind = kind == TRIAL ? ALERT_SENDING : (enum alert_kind)kind,
        .entity = alerts->service->installation.entity,
        .box = alerts->service->store->box,
        .sentence = record->sentence,
        .action = record->action,
        .cause = record->cause,
        .now_ms = service_now_ms(alerts->service),
        .since_ms = record->state.since_ms,
        .ended_ms = record->state.calm_ms,
        .relapses = record->state.relapses,
    };
    alerts->sending = (struct sending){.kind = kind, .channel = channel, .event = event};
    alert_sender_start(alerts->sender, settings_of(alerts), channel, &told);
}

/* Starts the first that is due by this channel; drops what waits for one that is gone. */
static bool start_first(struct alerts *alerts, enum alert_channel channel)
{
    bool is_there = is_configured(alerts, channel);
    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++) {
        struct alert_waiting *waiting = &alerts->records[kind].waiting[channel];
        if (!is_there)
            waiting->event = ALERT_NONE;
        if (waiting->event == ALERT_NONE ||
            loop_now_us(alerts->loop) < alerts->due_us[kind][channel])
            continue;
        start(alerts, kind, channel, waiting->event);
        return true;
    }
    return false;
}

static void on_next(void *user)
{
    struct alerts *alerts = user;
    bool is_started = alert_sender_is_busy(alerts->sender);
    for (int i = 0; i < ALERT_CHANNEL_COUNT && !is_started; i++) {
        is_started = alerts->channels[i].is_trial_due;
        alerts->channels[i].is_trial_due = false;
        if (is_started)
            start(alerts, TRIAL, (enum alert_channel)i, ALERT_TEST);
    }
    for (int i = 0; i < ALERT_CHANNEL_COUNT && !is_started && alerts->leads; i++)
        is_started = start_first(alerts, (enum alert_channel)i);
}

/* ---- its owner's ----------------------------------------------------------------------------- */

enum cc_err alerts_new(struct service *service, struct alerts **ret)
{
    struct alerts *alerts = alloc_or_abort(sizeof(*alerts));
    alerts->service = service;
    alerts->loop = service->loop;
    alerts->sender = alert_sender_new(alerts->loop, on_sent, alerts);
    alerts->look = loop_add_timer(alerts->loop, LOOP_PRIORITY_NORMAL, on_look, alerts);
    loop_timer_loosen(alerts->look);
    alerts->next = loop_add_deferred(alerts->loop, LOOP_PRIORITY_NORMAL, on_next, alerts);
    enum cc_err err = load_records(alerts);
    if (err != CC_OK) {
        alerts_free(alerts);
        return err;
    }
    loop_timer_in(alerts->look, LOOK_S * US_PER_S);
    *ret = alerts;
    return CC_OK;
}

void alerts_free(struct alerts *alerts)
{
    if (alerts == NULL)
        return;
    alert_sender_free(alerts->sender);
    loop_source_free(alerts->look);
    loop_source_free(alerts->next);
    free(alerts);
}

/* A test that is not in the audit trail is not made. */
static void on_trial_commit(bool committed, void *user)
{
    struct alerts *alerts = user;
    for (int i = 0; i < ALERT_CHANNEL_COUNT; i++) {
        struct channel *channel = &alerts->channels[i];
        channel->is_trial_due = committed && channel->trial == ALERT_TRYING;
        if (!committed)
            channel->trial = ALERT_NO_TRIAL;
    }
    loop_deferred_arm(alerts->next);
}

enum cc_err alerts_try(struct alerts *alerts, const struct caller *caller, int64_t now_ms)
{
    for (int i = 0; i < ALERT_CHANNEL_COUNT; i++)
        if (alerts->channels[i].trial == ALERT_TRYING)
            return CC_ERR_BUSY;
    if (!has_channel(alerts))
        return CC_ERR_NOT_CONFIGURED;
    enum cc_err err =
        service_audit(alerts->service, caller, AUDIT_ACT(.event = "avisos_prueba"), now_ms);
    if (err != CC_OK)
        return err;
    for (int i = 0; i < ALERT_CHANNEL_COUNT; i++)
        alerts->channels[i].trial =
            is_configured(alerts, (enum alert_channel)i) ? ALERT_TRYING : ALERT_NO_TRIAL;
    turn_after(alerts->service->turn, on_trial_commit, alerts);
    return CC_OK;
}

void alerts_status(const struct alerts *alerts, enum alert_channel channel,
                   struct alert_channel_status *ret)
{
    const struct channel *from = &alerts->channels[channel];
    bool is_busy = alert_sender_is_busy(alerts->sender) && alerts->sending.channel == channel;
    *ret = (struct alert_channel_status){.is_configured = is_configured(alerts, channel),
                                         .is_sending = is_busy || from->trial == ALERT_TRYING,
                                         .last = from->last,
                                         .trial = from->trial,
                                         .trial_end = from->trial_end,
                                         .sent = from->sent,
                                         .failed = from->failed};
}
