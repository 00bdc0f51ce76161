/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/outcome.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

enum {
    BUSY_RETRY_MS = 1500,
    FAULT_RETRY_MS = 10000,
    DEAD_NUMBER_CMS = 38, /* "network out of order", but also what dead numbers give (MODEMS 3) */
    DEAD_NUMBER_TRIES = 3,
    ATTEMPTS_MAX = 2, /* a contraclave is repeated once, never more… */
    ATTEMPTS_CRASHED =
        4, /* … but for sends cut short by the end of the program, and those not for ever */
    SAID_TWICE_MS =
        10 * 60 *
        1000, /* a report that comes again comes soon; later its reference may be another's */
    REPORT_AGE_MS = 2 * 24 * 3600 * 1000,
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

static enum cc_err back_off(struct service *service, const struct outbox_message *message,
                            struct gsm_cause cause, int64_t now_ms)
{
    size_t last = sizeof(back_off_ms) / sizeof(back_off_ms[0]) - 1;
    size_t step = message->refusals > (int64_t)last ? last : (size_t)message->refusals;
    bool dead = cause.kind == GSM_CAUSE_CMS && cause.code == DEAD_NUMBER_CMS;
    if (dead && message->refusals + 1 >= DEAD_NUMBER_TRIES)
        return outbox_refused(service->store, message->id, cause, now_ms);
    return outbox_requeue(service->store, message->id, cause, true, now_ms + back_off_ms[step]);
}

static enum cc_err refused(struct service *service, const struct outbox_message *message,
                           const struct modem_result *result, int64_t now_ms)
{
    log_outcome(message, "no ha salido", result->cause);
    switch (result->class) {
    case GSM_CLASS_PERMANENT:
        return outbox_refused(service->store, message->id, result->cause, now_ms);
    case GSM_CLASS_TEMPORARY:
    case GSM_CLASS_STORAGE:
    case GSM_CLASS_UNKNOWN: /* before the PDU: nothing left */
        return back_off(service, message, result->cause, now_ms);
    case GSM_CLASS_BUSY:
        return outbox_requeue(service->store, message->id, result->cause, false,
                              now_ms + BUSY_RETRY_MS);
    case GSM_CLASS_FAULT:
        break;
    }
    return outbox_requeue(service->store, message->id, result->cause, false,
                          now_ms + FAULT_RETRY_MS);
}

enum cc_err outcome_record(struct service *service, const struct outbox_message *message,
                           const struct modem_result *result, int64_t now_ms)
{
    switch (result->outcome) {
    case MODEM_OUTCOME_SENT:
        return outbox_sent(service->store, message->id, result->reference, now_ms);
    case MODEM_OUTCOME_REFUSED:
        return refused(service, message, result, now_ms);
    case MODEM_OUTCOME_UNKNOWN:
        break;
    }
    log_outcome(message, "puede haber salido; se espera su informe", result->cause);
    return outbox_unknown(service->store, message->id, result->cause,
                          now_ms + service->settings->report_window_ms);
}

/* Reports come back without the plus, or without the country (MODEMS 1 #20). */
static void full_number(const char *number, char out[PHONE_SIZE + 4])
{
    struct phone phone;
    if (phone_parse(number, strlen(number), &phone) == CC_OK)
        (void)snprintf(out, PHONE_SIZE + 4, "%s", phone.e164);
    else
        (void)snprintf(out, PHONE_SIZE + 4, "+%s", number);
}

enum cc_err outcome_report(struct service *service, const char *modem,
                           const struct gsm_report *report, int64_t now_ms)
{
    struct outbox_message message;
    char number[PHONE_SIZE + 4];
    enum gsm_status_class class = gsm_status_class(report->status);
    full_number(report->to.text, number);
    enum cc_err err = outbox_match_report(service->store, modem, number, report->reference,
                                          now_ms - REPORT_AGE_MS, now_ms - SAID_TWICE_MS, &message);
    if (err != CC_OK)
        return err;
    secret_wipe(&message.text, sizeof(message.text));
    if (message.state == OUTBOX_DELIVERED || message.state == OUTBOX_UNDELIVERED)
        return CC_OK; /* said twice */
    /* the centre has it: no second one must go, and its reference is known from now on */
    if (message.state != OUTBOX_SENT)
        err = outbox_accepted(service->store, message.id, report->reference, now_ms);
    if (err != CC_OK || class == GSM_STATUS_TRYING) /* another report follows */
        return err;
    const struct gsm_cause cause = {.kind = GSM_CAUSE_STATUS, .code = report->status};
    bool delivered = class == GSM_STATUS_DELIVERED;
    if (!delivered)
        log_outcome(&message, "no entregado", cause);
    return outbox_reported(service->store, message.id, delivered, cause, now_ms);
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
    return err == CC_ERR_NOT_FOUND ? CC_OK : err;
}
