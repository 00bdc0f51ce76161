/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/outcome.h"

#include "base/log.h"
#include "base/span.h"
#include "service/monthly.h"
#include "store/outbox_report.h"
#include "store/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUSY_RETRY_MS = 1500,
    FAULT_RETRY_MS = 10000,
    FAULT_BACK_OFF_MS = 60000, /* longer than the line stops for */
    FAULT_TRIES = 3,
    HOLD_FIRST_MS = 5000, /* a restart takes as long, or longer */
    HOLD_MS = 30000,
    OTHER_SIM_MS = HOUR_MS, /* the SIM that is barred does not get this message again */
    DEAD_NUMBER_CMS = 38,   /* "network out of order", but also what dead numbers give (MODEMS 3) */
    DEAD_NUMBER_TRIES = 3,
    ATTEMPTS_MAX = 2, /* a contraclave is repeated once, never more… */
    ATTEMPTS_CRASHED =
        4, /* … but for sends cut short by the end of the program, and those not for ever */
    SAID_TWICE_MS =
        10 * 60 *
        1000, /* a report that comes again comes soon; later its reference may be another's */
    REPORT_AGE_MS = 2 * DAY_MS,
};

static const int64_t back_off_ms[] = {15000, 60000, 300000};

static void log_outcome(const struct outbox_message *message, const char *what,
                        struct gsm_cause cause)
{
    char phone[PHONE_MASK_SIZE];
    char code[32];
    phone_mask(&message->phone, phone);
    gsm_cause_format(cause, code, sizeof(code));
    log_info("mensaje %lld a %s: %s (%s: %s)", (long long)message->id, phone, what, code,
             gsm_cause_text(cause));
}

/* Causes that say as much of the sender's SIM as of the message: another SIM may do better. */
static bool is_about_the_sim(struct gsm_cause cause)
{
    static const int codes[] = {8, 10, 21, 28, 29, 30, 50, 69}; /* 24.011 Annex E-2 */
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (cause.kind == GSM_CAUSE_CMS && cause.code == codes[i])
            return true;
    return false;
}

struct refusal {
    struct service *service;
    const struct outbox_message *message;
    struct gsm_cause cause;
    const struct outcome_modem *modem;
    bool has_other;
    int64_t now_ms;
};

/* After wait_ms; by another modem at once, if there is one and it may be asked. */
static enum cc_err send_again(const struct refusal *r, int64_t wait_ms, bool penalty, bool may_hop)
{
    bool hops = r->has_other && may_hop;
    const struct outbox_delay delay = {
        .cause = r->cause,
        .penalty = penalty,
        .not_before_ms = r->now_ms + (hops ? 0 : wait_ms),
        .avoid_until_ms = hops ? r->now_ms + wait_ms : 0,
    };
    metrics_count_message(&r->service->metrics, r->message->class, OUTBOX_QUEUED);
    return outbox_requeue(r->service->store, r->message->id, &delay);
}

static enum cc_err count_failed(const struct refusal *r, int64_t count)
{
    return monthly_count_sms(r->service, MONTHLY_SMS_FAILED, count, r->now_ms);
}

static enum cc_err give_up(const struct refusal *r)
{
    metrics_count_message(&r->service->metrics, r->message->class, OUTBOX_FAILED);
    enum cc_err err = count_failed(r, 1);
    if (err != CC_OK)
        return err;
    return outbox_refused(r->service->store, r->message->id, r->cause, r->now_ms);
}

/* With several modems each round of two tries, one by another modem, waits once: two that refuse
 * must not throw a message at each other without end. */
static enum cc_err back_off(const struct refusal *r)
{
    int64_t refusals = r->message->refusals;
    size_t last = sizeof(back_off_ms) / sizeof(back_off_ms[0]) - 1;
    size_t round = (size_t)(r->has_other ? refusals / 2 : refusals);
    bool dead = r->cause.kind == GSM_CAUSE_CMS && r->cause.code == DEAD_NUMBER_CMS;
    if (dead && refusals + 1 >= DEAD_NUMBER_TRIES)
        return give_up(r);
    return send_again(r, back_off_ms[round > last ? last : round], true, refusals % 2 == 0);
}

/* Sends the message again, with those that the modem refused before it in the same row. */
static enum cc_err hold_message(const struct refusal *r)
{
    const struct suspect *suspect = r->modem->suspect;
    bool is_first = r->message->refusals == 0;
    log_info("mensaje %lld: puede ser el módem y no el número: se enviará otra vez",
             (long long)r->message->id);
    for (size_t i = 0; i < suspect->count; i++) {
        if (suspect->ids[i] == r->message->id)
            continue;
        enum cc_err err =
            outbox_revive(r->service->store, suspect->ids[i], r->now_ms + HOLD_FIRST_MS);
        if (err == CC_OK)
            err = count_failed(r, -1);
        if (err != CC_OK && err != CC_ERR_NOT_FOUND) /* revived already */
            return err;
    }
    return send_again(r, is_first ? HOLD_FIRST_MS : HOLD_MS, true, is_first);
}

static enum cc_err note_permanent(const struct refusal *r)
{
    bool was_good = false;
    struct store *store = r->service->store;
    if (r->cause.kind == GSM_CAUSE_LOCAL) /* the text or number has no SMS form */
        return give_up(r);
    enum cc_err err = outbox_was_good(store, r->message, &was_good);
    if (err != CC_OK)
        return err;
    enum suspect_verdict verdict =
        suspect_refused(r->modem->suspect, r->message->id, &r->message->phone, was_good,
                        r->modem->restarts, r->now_ms);
    if (verdict == SUSPECT_HOLD)
        return hold_message(r);
    if (r->has_other && r->message->refusals == 0 && is_about_the_sim(r->cause))
        return send_again(r, OTHER_SIM_MS, true, true);
    if (verdict != SUSPECT_MAYBE)
        return give_up(r);
    metrics_count_message(&r->service->metrics, r->message->class, OUTBOX_FAILED);
    err = outbox_refused_maybe(store, r->message->id, r->cause, r->now_ms);
    return err == CC_OK ? count_failed(r, 1) : err;
}

/* Its modem sends: what it refused before was refused rightly. */
static enum cc_err trust_refusal(struct service *service, struct suspect *suspect)
{
    for (size_t i = 0; i < suspect->count; i++) {
        enum cc_err err = outbox_believe(service->store, suspect->ids[i]);
        if (err != CC_OK)
            return err;
    }
    suspect_sent(suspect);
    return CC_OK;
}

static enum cc_err note_sent(const struct refusal *r, int reference)
{
    struct metrics *metrics = &r->service->metrics;
    enum cc_err err = trust_refusal(r->service, r->modem->suspect);
    metrics_count_message(metrics, r->message->class, OUTBOX_SENT);
    metrics_observe_ms(&metrics->handover, r->now_ms - r->message->created_ms);
    if (err == CC_OK)
        err = monthly_count_sms(r->service, MONTHLY_SMS_SENT, 1, r->now_ms);
    return err == CC_OK ? outbox_sent(r->service->store, r->message->id, reference, r->now_ms)
                        : err;
}

static enum cc_err note_refused(const struct refusal *r, enum gsm_class class)
{
    log_outcome(r->message, "no ha salido", r->cause);
    switch (class) {
    case GSM_CLASS_PERMANENT:
        return note_permanent(r);
    case GSM_CLASS_STORAGE: /* its memory is being emptied */
        return r->message->refusals > 0 ? back_off(r) : send_again(r, BUSY_RETRY_MS, true, true);
    case GSM_CLASS_TEMPORARY:
    case GSM_CLASS_UNKNOWN: /* before the PDU: nothing left */
        return back_off(r);
    case GSM_CLASS_BUSY: /* in a moment, by the modem that is free then; by another if this one is
                            mute */
        return send_again(r, BUSY_RETRY_MS, false, r->cause.kind == GSM_CAUSE_LOCAL);
    case GSM_CLASS_FAULT: /* its line stops: there is no way back to it at once */
        break;
    }
    if (!gsm_cause_may_be_the_message(r->cause))
        return send_again(r, FAULT_RETRY_MS, false, true);
    if (r->message->refusals + 1 >= FAULT_TRIES)
        return give_up(r);
    /* behind the others: a message that no modem takes would stop them for as long as it lives */
    return send_again(r, FAULT_BACK_OFF_MS, true, true);
}

enum cc_err outcome_record(struct service *service, const struct outbox_message *message,
                           const struct modem_result *result, const struct outcome_modem *modem,
                           int64_t now_ms)
{
    const struct refusal refusal = {.service = service,
                                    .message = message,
                                    .cause = result->cause,
                                    .modem = modem,
                                    .has_other = modem->has_other,
                                    .now_ms = now_ms};
    switch (result->outcome) {
    case MODEM_OUTCOME_SENT:
        if (message->attempts == 0) /* as it was claimed: the first one */
            decoys_learn(&service->decoys.outcome, now_ms - message->created_ms);
        return note_sent(&refusal, result->reference);
    case MODEM_OUTCOME_REFUSED:
        return note_refused(&refusal, result->class);
    case MODEM_OUTCOME_UNKNOWN:
        break;
    }
    log_outcome(message, "puede haber salido; se espera su informe", result->cause);
    metrics_count_message(&service->metrics, message->class, OUTBOX_UNKNOWN);
    return outbox_unknown(service->store, message->id, result->cause,
                          now_ms + service->settings->report_window_ms);
}

/* Reports come back without the plus, or without the country (MODEMS 1 #20). */
static void full_number(const char *number, char out[GSM_ADDR_SIZE + 2])
{
    struct phone phone;
    if (phone_parse(number, strlen(number), &phone) == CC_OK)
        (void)snprintf(out, GSM_ADDR_SIZE + 2, "%s", phone.e164);
    else
        (void)snprintf(out, GSM_ADDR_SIZE + 2, "+%s", number);
}

/*
 * The message of a report whose recipient has digits too many in front (ZTE): the longest end of
 * it, of nine digits or more, that is a number which this modem sent to at that time, with that
 * reference. Without all of these it is nobody's.
 */
static enum cc_err match_spoilt(struct service *service, const struct outbox_report *told,
                                struct outbox_message *ret)
{
    enum { DIGITS_MIN = 9, APART_MS = 5 * MINUTE_MS };
    const char *digits = told->number + strcspn(told->number, "0123456789");
    for (; strlen(digits) >= DIGITS_MIN; digits++) {
        char number[GSM_ADDR_SIZE + 2];
        struct outbox_report end = *told;
        full_number(digits, number);
        if (strspn(digits, "0123456789") < strlen(digits) || strlen(digits) >= PHONE_SIZE)
            continue;
        end.number = number;
        enum cc_err err = outbox_match_report(service->store, &end, ret);
        bool is_it = err == CC_OK && ret->reference == told->reference &&
                     llabs(ret->sent_ms - told->submitted_ms) < APART_MS;
        if (is_it || (err != CC_OK && err != CC_ERR_NOT_FOUND))
            return err;
    }
    return CC_ERR_NOT_FOUND;
}

static enum cc_err count_report(struct service *service, const struct outbox_message *message,
                                bool delivered, int64_t now_ms)
{
    struct metrics *metrics = &service->metrics;
    metrics_count_message(metrics, message->class,
                          delivered ? OUTBOX_DELIVERED : OUTBOX_UNDELIVERED);
    if (!delivered)
        return monthly_count_sms(service, MONTHLY_SMS_FAILED, 1, now_ms);
    metrics_observe_ms(&metrics->delivery, now_ms - message->created_ms);
    return box_samples_add_delivery(service->store, now_ms - message->created_ms, now_ms);
}

/* The centre has it: no second one must go, and its reference is known from now on. */
static enum cc_err accept_late(struct service *service, const struct outbox_message *message,
                               int reference, int64_t now_ms)
{
    enum cc_err err = outbox_accepted(service->store, message->id, reference, now_ms);
    return err == CC_OK ? monthly_count_sms(service, MONTHLY_SMS_SENT, 1, now_ms) : err;
}

enum cc_err outcome_report(struct service *service, const char *modem,
                           const struct gsm_report *report, int64_t now_ms)
{
    struct outbox_message message;
    char number[GSM_ADDR_SIZE + 2];
    enum gsm_status_class class = gsm_status_class(report->status);
    full_number(report->to.text, number);
    const struct outbox_report told = {
        .modem = modem,
        .number = number,
        .reference = report->reference,
        .submitted_ms = report->submitted_ms,
        .since_ms = now_ms - REPORT_AGE_MS,
        .said_since_ms = now_ms - SAID_TWICE_MS,
    };
    enum cc_err err = outbox_match_report(service->store, &told, &message);
    if (err == CC_ERR_NOT_FOUND)
        err = match_spoilt(service, &told, &message);
    if (err != CC_OK)
        return err;
    secret_wipe(&message.text, sizeof(message.text));
    if (message.state == OUTBOX_DELIVERED || message.state == OUTBOX_UNDELIVERED)
        return CC_OK; /* said twice */
    if (message.state != OUTBOX_SENT)
        err = accept_late(service, &message, report->reference, now_ms);
    if (err != CC_OK || class == GSM_STATUS_TRYING) /* another report follows */
        return err;
    const struct gsm_cause cause = {.kind = GSM_CAUSE_STATUS, .code = report->status};
    bool delivered = class == GSM_STATUS_DELIVERED;
    if (message.state == OUTBOX_SENT)
        decoys_learn(&service->decoys.report, now_ms - message.created_ms);
    if (!delivered)
        log_outcome(&message, "no entregado", cause);
    err = count_report(service, &message, delivered, now_ms);
    return err == CC_OK ? outbox_reported(service->store, message.id, delivered, cause, now_ms)
                        : err;
}

static enum cc_err window_closed(struct service *service, const struct outbox_message *message,
                                 int64_t now_ms)
{
    bool harmless = message->class == OUTBOX_CONTRACLAVE;
    bool tried_out = message->attempts - message->crashes >= ATTEMPTS_MAX ||
                     message->attempts >= ATTEMPTS_CRASHED;
    if (!harmless || tried_out) {
        log_outcome(message, "sin informe: no se sabe si llegó", message->cause);
        return outbox_give_up(service->store, message->id, now_ms);
    }
    log_outcome(message, "sin informe: se envía otra vez la misma contraclave", message->cause);
    metrics_count_message(&service->metrics, message->class, OUTBOX_QUEUED);
    return outbox_repeat(service->store, message->id, now_ms);
}

enum cc_err outcome_windows_closed(struct service *service, int64_t now_ms)
{
    struct outbox_message message;
    enum cc_err err;
    while ((err = outbox_window_closed(service->store, now_ms, &message)) == CC_OK) {
        err = window_closed(service, &message, now_ms);
        secret_wipe(&message, sizeof(message));
        if (err != CC_OK)
            return err;
    }
    return err_allow_absent(err);
}
