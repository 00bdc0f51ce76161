/* SPDX-License-Identifier: EUPL-1.2 */
/* Sends a message through a modem: AT+CMGS in PDU mode, one command a part, three outcomes. */
#include "modem/job/private.h"

#include "at/fields.h"
#include "base/loop.h"
#include "base/secret.h"
#include "modem/job/sms_parts.h"
#include "modem/recover/recover.h"
#include "modem/start/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COMMAND_SIZE = 24,
    FAILED_NUMBERS = 3,  /* in a row: not all of them can be to blame… */
    FAILED_MAX = 5,      /* …nor can a single one, so many times */
    REFUSED_NUMBERS = 5, /* in a row, for good: no list is so bad */
    BUSY_MAX = 20,       /* half a minute of them */
    INVALID_PDU = 304,   /* 27.005 3.2.5 */
};

/* Between the prompt and the PDU. Some modems throw away what comes at once: after a message of
 * which they say nothing, the next one is written with the next pause. */
static const unsigned pauses_ms[] = {0, 500, 2000};

/* Messages that failed since the last one was taken, by the modem's own word, and neither for good
 * nor for a fault that it names. */
struct sms_failures {
    uint32_t numbers[REFUSED_NUMBERS]; /* marks of the numbers */
    unsigned count;                    /* of them */
    unsigned total, busy;
};

/* The message that is being sent, part by part. */
struct modem_send {
    struct loop_source *failed; /* tells the outcome of a message that could not start */
    struct sms_parts parts;
    size_t next;
    struct modem_result result;
    bool is_explaining;     /* refused, and the settings that may explain it are looked at */
    enum at_result refused; /* how a refused message ended… */
    bool has_left;          /* …and whether its PDU had been handed over */
    bool is_repeated;       /* the part, as its PDU came to the modem damaged */
    bool has_paused;        /* a message has gone with this pause */
    size_t pause;           /* of pauses_ms */
    uint32_t mark;          /* of the message's number */
    struct sms_failures failures;
    struct sms_failures refusals; /* the same, for good */
    struct gsm_cause fault; /* of the SIM or the modem, met by the last message, until a message
                               succeeds; GSM_CAUSE_NONE = none */
    int64_t blamed_us;      /* since then it is no message's: the page says so; 0 = it may be one */
};

bool modem_is_ready(const struct modem *modem)
{
    return modem->state == MODEM_READY;
}

bool modem_is_sending(const struct modem *modem)
{
    return modem->state == MODEM_READY && modem->use.is_sending;
}

static bool is_free(const struct modem *modem)
{
    return modem->state == MODEM_READY && !modem->use.is_reserved && !modem->use.is_sending &&
           !modem->use.is_checking && !at_chat_is_busy(modem->chat) && !modem_is_restart_due(modem);
}

bool modem_can_send(const struct modem *modem)
{
    return is_free(modem) && !job_is_any_urgent(modem);
}

void modem_reserve(struct modem *modem)
{
    modem->use.is_reserved = true;
}

void modem_release(struct modem *modem)
{
    modem->use.is_reserved = false;
    job_poke(modem); /* a job may have waited for the released message */
}

static void count_outcome(struct modem *modem)
{
    const struct modem_send *send = modem->jobs->send;
    unsigned long *const counters[] = {
        [MODEM_OUTCOME_SENT] = &modem->counters.sent,
        [MODEM_OUTCOME_REFUSED] = &modem->counters.refused,
        [MODEM_OUTCOME_UNKNOWN] = &modem->counters.unknown,
    };
    (*counters[send->result.outcome])++;
    if (send->result.outcome == MODEM_OUTCOME_SENT &&
        ++modem->counters.unreported == MODEM_UNREPORTED)
        modem->counters.unreported_since_us = loop_now_us(modem->loop);
}

/* The most telling advice that there is. */
static const char *advice_of(const struct modem *modem)
{
    int64_t now_us = loop_now_us(modem->loop);
    const char *advice = restarts_advice(&modem->signs.restarts, now_us);
    if (advice[0] == '\0')
        advice = modem_recover_advice(modem);
    if (advice[0] == '\0' && flap_is_on(&modem->signs.flap, now_us))
        advice = flap_advice;
    return advice[0] != '\0' ? advice : job_sample_advice(modem);
}

void modem_say_health(struct modem *modem)
{
    const struct modem_send *send = modem->jobs->send;
    char code[32];
    if (send->blamed_us == 0) {
        modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", advice_of(modem));
        return;
    }
    gsm_cause_format(send->fault, code, sizeof(code));
    modem_set_detail(modem, LOG_LEVEL_ERROR,
                     "La SIM o el módem no pueden enviar (%s: %s). Revise la SIM, su saldo y el "
                     "centro de mensajes.",
                     code, gsm_cause_text(send->fault));
}

static void clear_fault(struct modem_send *send)
{
    send->fault = (struct gsm_cause){.kind = GSM_CAUSE_NONE};
    send->blamed_us = 0;
}

static void blame_modem(struct modem *modem)
{
    struct modem_send *send = modem->jobs->send;
    if (send->blamed_us == 0)
        send->blamed_us = loop_now_us(modem->loop);
    modem_say_health(modem);
}

/* Notes a fault. A single one may be caused by the message: the modem is blamed when the next
 * message fails too. */
static void note_fault(struct modem *modem, struct gsm_cause cause)
{
    struct modem_send *send = modem->jobs->send;
    bool is_first = send->fault.kind == GSM_CAUSE_NONE;
    send->fault = cause;
    if (is_first && gsm_cause_may_be_the_message(cause))
        return;
    if (modem_heal(modem, LADDER_FAULT)) {
        clear_fault(send); /* that the modem is to blame is yet to be shown */
        return;
    }
    blame_modem(modem);
    modem->shown.blocked_as = NULL; /* forgets an earlier reason of the block */
    modem_enter(modem, MODEM_BLOCKED);
}

static void count_failure(struct sms_failures *failures, uint32_t mark)
{
    unsigned at = 0;
    failures->total++;
    while (at < failures->count && failures->numbers[at] != mark)
        at++;
    if (at == failures->count && at < REFUSED_NUMBERS)
        failures->numbers[failures->count++] = mark;
}

/* Counts the message by what it says of the modem. */
static void count_refusal(struct modem_send *send, struct gsm_cause cause)
{
    enum gsm_class class = send->result.class;
    if (class == GSM_CLASS_BUSY)
        send->failures.busy++;
    else if (class != GSM_CLASS_PERMANENT)
        count_failure(&send->failures, send->mark);
    else if (!gsm_cause_is_of_number(cause))
        count_failure(&send->refusals, send->mark);
}

static bool has_failed_too_often(const struct sms_failures *failures)
{
    return failures->count >= FAILED_NUMBERS || failures->total >= FAILED_MAX ||
           failures->busy >= BUSY_MAX;
}

/* Too many in a row: the modem is to blame, and gets its rung if it has sent before. True = the
 * state was left. */
static bool blame_failures(struct modem *modem, struct gsm_cause cause)
{
    struct modem_send *send = modem->jobs->send;
    count_refusal(send, cause);
    bool refuses_all = send->refusals.count == REFUSED_NUMBERS;
    if (!refuses_all && !has_failed_too_often(&send->failures))
        return false;
    /* a modem that refuses all for good has been restarted by dispatch before (modem_doubt()) */
    if (!refuses_all && modem_heal(modem, LADDER_FAULT)) {
        send->failures = (struct sms_failures){.total = 0};
        return true;
    }
    send->fault = cause;
    blame_modem(modem);
    return false;
}

static void note_success(struct modem *modem)
{
    struct modem_send *send = modem->jobs->send;
    send->failures = send->refusals = (struct sms_failures){.total = 0};
    modem_note_works(modem, LADDER_FAULT);
    if (send->fault.kind == GSM_CAUSE_NONE)
        return;
    clear_fault(send);
    modem_say_health(modem);
}

/* The message was not taken: starts the repair that the modem needs. False = it needs none. */
static bool repair_modem(struct modem *modem, const struct at_reply *reply)
{
    if (reply->result == AT_RESULT_OK && reply->payload_sent)
        modem_note_unknown(modem);
    if (reply->result == AT_RESULT_TIMEOUT)
        modem_note_send_lost(modem, reply->payload_sent);
    else if (reply->result == AT_RESULT_OK)
        modem_resync(modem); /* out of step */
    else if (reply->result != AT_RESULT_ERROR)
        return false;
    else if (modem->jobs->send->result.class != GSM_CLASS_FAULT)
        return blame_failures(modem, reply->cause);
    else
        note_fault(modem, reply->cause);
    return true;
}

/* Starts what the modem needs after this outcome: nothing for a healthy modem. */
static void look_after(struct modem *modem, const struct at_reply *reply)
{
    bool is_sent = modem->jobs->send->result.outcome == MODEM_OUTCOME_SENT;
    if (is_sent)
        note_success(modem);
    if ((!is_sent && repair_modem(modem, reply)) || reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_TIMEOUT) /* its line said that it was taken, and no OK came */
        modem_resync(modem);
    else if (modem->doubts.is_restarted)
        modem_enter(modem, MODEM_PROBING);
    else if (!registration_is_good(&modem->registration))
        modem_follow_registration(modem);
}

static void end_message(struct modem *modem, const struct at_reply *reply)
{
    struct modem_send *send = modem->jobs->send;
    struct modem_result result = send->result;
    secret_wipe(&send->parts, sizeof(send->parts));
    modem->use.is_sending = false;
    count_outcome(modem);
    if (result.outcome == MODEM_OUTCOME_SENT && modem_note_send_worked(modem))
        modem_say_health(modem);
    look_after(modem, reply);
    job_poke(modem);
    modem->events->sent(modem, &result, modem->user);
}

static void send_part(struct modem *modem);

/* Nothing was said of a PDU: another pause, unless this one has let messages through before. */
static void change_pause(struct modem_send *send)
{
    if (!send->has_paused)
        send->pause = (send->pause + 1) % (sizeof(pauses_ms) / sizeof(pauses_ms[0]));
    send->has_paused = false;
}

/* Of two +CMGS: lines nobody knows which is this message's: its report is then known by its stamp.
 */
static int reference_of(const struct at_reply *reply)
{
    struct at_fields fields;
    int reference = -1;
    if (reply->line_count == 1 && at_fields_init(&fields, reply->lines[0], "+CMGS:") &&
        (!at_fields_int(&fields, &reference) || reference < 0 || reference > 255))
        reference = -1;
    return reference;
}

/* ---- a refusal that a lost setting may explain --------------------------------------------- */

/* The modem's own word, not the network's: 27.005 3.2.5 begins with 300. */
static bool may_be_a_setting(const struct modem_result *result)
{
    const struct gsm_cause cause = result->cause;
    bool is_own = cause.kind == GSM_CAUSE_ERROR || cause.kind == GSM_CAUSE_CME ||
                  (cause.kind == GSM_CAUSE_CMS && cause.code >= 300);
    return result->outcome == MODEM_OUTCOME_REFUSED && is_own &&
           (result->class == GSM_CLASS_PERMANENT || result->class == GSM_CLASS_FAULT ||
            result->class == GSM_CLASS_TEMPORARY);
}

/* Ends the message after the check. A lost setting was to blame, not the message: the message goes
 * again in a moment. */
static void on_checked(struct modem *modem)
{
    struct modem_send *send = modem->jobs->send;
    send->is_explaining = false;
    if (modem_has_changed_settings(modem)) {
        send->result.class = GSM_CLASS_BUSY;
        modem->doubts.is_restarted = true; /* the others may be lost as well */
    }
    const struct at_reply reply = {
        .result = send->refused, .cause = send->result.cause, .payload_sent = send->has_left};
    end_message(modem, &reply);
}

static void check_settings(struct modem *modem, const struct at_reply *reply)
{
    struct modem_send *send = modem->jobs->send;
    send->is_explaining = true;
    send->refused = reply->result;
    send->has_left = reply->payload_sent;
    modem_run_rows(modem, modem_refusal_rows, on_checked);
}

void modem_sms_settle(struct modem *modem)
{
    struct modem_send *send = modem->jobs->send;
    if (!send->is_explaining)
        return;
    send->is_explaining = false;
    modem->use.is_sending = false;
    secret_wipe(&send->parts, sizeof(send->parts));
    count_outcome(modem);
    loop_deferred_arm(send->failed);
}

static void on_refused(struct modem *modem, const struct at_reply *reply)
{
    struct modem_send *send = modem->jobs->send;
    struct modem_result *result = &send->result;
    bool is_later_part = send->next > 0; /* to repeat the whole would repeat what has gone */
    bool may_have_left = reply->payload_sent || is_later_part;
    result->cause = reply->cause;
    result->class = gsm_cause_class(reply->cause, may_have_left);
    if (result->class == GSM_CLASS_BUSY && send->failures.busy >= BUSY_MAX)
        result->class = GSM_CLASS_TEMPORARY; /* longer than any modem is busy: less often */
    if (result->class == GSM_CLASS_STORAGE)
        job_sweep_inbound(modem);
    bool is_clear =
        reply->result == AT_RESULT_ERROR && result->class != GSM_CLASS_UNKNOWN && !is_later_part;
    if (may_have_left && !is_clear) {
        result->outcome = MODEM_OUTCOME_UNKNOWN;
    } else {
        result->outcome = MODEM_OUTCOME_REFUSED;
        if (reply->result != AT_RESULT_ERROR)
            result->class = GSM_CLASS_BUSY; /* nothing left, and the message is not to blame */
    }
    if (may_be_a_setting(result))
        check_settings(modem, reply);
    else
        end_message(modem, reply);
}

/* Our PDUs are good: the line has spoilt this one, once. */
static bool is_damaged(const struct at_reply *reply)
{
    return reply->result == AT_RESULT_ERROR && reply->payload_sent &&
           reply->cause.kind == GSM_CAUSE_CMS && reply->cause.code == INVALID_PDU;
}

/*
 * Only the +CMGS: line behind the PDU says that the message was taken, and some modems give no OK
 * behind that. A bare OK may belong to an earlier command; one before the prompt certainly does.
 */
static void on_part(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_send *send = modem->jobs->send;
    bool has_ended = reply->result == AT_RESULT_OK || reply->result == AT_RESULT_TIMEOUT;
    if (!has_ended || !reply->payload_sent || reply->line_count == 0) {
        if (reply->result == AT_RESULT_TIMEOUT && reply->payload_sent)
            change_pause(send);
        if (is_damaged(reply) && !send->is_repeated) {
            send->is_repeated = true;
            send_part(modem);
        } else {
            on_refused(modem, reply);
        }
        return;
    }
    send->result.reference = reference_of(reply);
    send->has_paused = send->pause > 0;
    send->is_repeated = false;
    if (++send->next < send->parts.count)
        send_part(modem);
    else
        end_message(modem, reply);
}

static void send_part(struct modem *modem)
{
    const struct modem_send *send = modem->jobs->send;
    char command[COMMAND_SIZE];
    size_t part = send->next;
    (void)snprintf(command, sizeof(command), "AT+CMGS=%zu", send->parts.tpdu_len[part]);
    modem_command(modem, &(struct at_request){.command = command,
                                              .prefix = "+CMGS:",
                                              .payload = send->parts.pdu[part],
                                              .prompt_ms = (unsigned)modem->config.prompt_ms,
                                              .pause_ms = pauses_ms[send->pause],
                                              .final_ms = (unsigned)modem->config.final_ms,
                                              .fn = on_part,
                                              .user = modem});
}

static void refuse_message(struct modem *modem, enum gsm_class class)
{
    struct modem_send *send = modem->jobs->send;
    send->result = (struct modem_result){
        .outcome = MODEM_OUTCOME_REFUSED,
        .class = class,
        .cause = {.kind = GSM_CAUSE_LOCAL},
        .reference = -1,
    };
    loop_deferred_arm(send->failed);
}

/* FNV-1a: only to know a number again. */
static uint32_t mark_of(const char *number)
{
    uint32_t mark = 0x811c9dc5;
    for (; *number != '\0'; number++)
        mark = (mark ^ (uint8_t)*number) * 0x01000193;
    return mark;
}

void modem_send(struct modem *modem, const struct modem_sms *sms)
{
    struct modem_send *send = modem->jobs->send;
    modem->use.is_reserved = false;
    send->next = 0;
    send->is_repeated = false;
    if (!is_free(modem)) { /* an urgent job waits for this message, not the other way round */
        refuse_message(modem, GSM_CLASS_BUSY);
        return;
    }
    if (!sms_parts_encode(&send->parts, sms)) {
        refuse_message(modem, GSM_CLASS_PERMANENT);
        job_poke(modem);
        return;
    }
    send->result = (struct modem_result){.outcome = MODEM_OUTCOME_SENT, .reference = -1};
    send->mark = mark_of(sms->number);
    modem->use.is_sending = true;
    send_part(modem);
}

/* ---- the job --------------------------------------------------------------------------------- */

static void on_failed(void *user)
{
    struct modem *modem = user;
    modem->events->sent(modem, &modem->jobs->send->result, modem->user);
}

static void init_sms(struct modem *modem)
{
    struct modem_send *send = alloc_or_abort(sizeof(*send));
    send->failed = loop_add_deferred(modem->loop, LOOP_PRIORITY_NORMAL, on_failed, modem);
    modem->jobs->send = send;
}

static void free_sms(struct modem *modem)
{
    loop_source_free(modem->jobs->send->failed);
    secret_wipe(modem->jobs->send, sizeof(*modem->jobs->send));
    free(modem->jobs->send);
}

static void tell_health(const struct modem *modem, struct modem_status *ret)
{
    const struct modem_send *send = modem->jobs->send;
    ret->advice = advice_of(modem);
    if (send->blamed_us == 0)
        return;
    ret->trouble.fault = send->fault;
    ret->trouble.fault_us = loop_now_us(modem->loop) - send->blamed_us;
}

const struct modem_job modem_sms_job = {.init = init_sms, .done = free_sms, .tell = tell_health};
