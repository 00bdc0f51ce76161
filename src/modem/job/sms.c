/* SPDX-License-Identifier: EUPL-1.2 */
/* One message through one modem: AT+CMGS in PDU mode, one command a part, three outcomes. */
#include "modem/core.h"

#include "at/fields.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/loop.h"
#include "base/secret.h"

#include <stdio.h>
#include <string.h>

enum { COMMAND_SIZE = 24 };

bool modem_is_ready(const struct modem *modem)
{
    return modem->state == MODEM_READY;
}

bool modem_is_sending(const struct modem *modem)
{
    return modem->state == MODEM_READY && modem->send.active;
}

static bool is_free(const struct modem *modem)
{
    return modem->state == MODEM_READY && !modem->reserved && !modem->send.active &&
           !modem->is_checking && !at_chat_is_busy(modem->chat) && !modem->recover.wants_restart &&
           !modem_heals_soon(modem);
}

bool modem_can_send(const struct modem *modem)
{
    return is_free(modem) && !modem_jobs_are_urgent(modem);
}

void modem_reserve(struct modem *modem)
{
    modem->reserved = true;
}

void modem_release(struct modem *modem)
{
    modem->reserved = false;
    modem_jobs_poke(modem); /* which waited for the message that does not go */
}

static bool encode_part(struct modem_send *send, const struct modem_sms *sms,
                        const struct gsm_part *part, bool last)
{
    uint8_t bytes[GSM_PDU_MAX];
    struct buf pdu;
    struct gsm_submit submit = {
        .want_report = last, /* the report of the last part speaks for the message */
        .replace = sms->replace,
        .validity_s = sms->validity_s,
        .alphabet = part->alphabet,
        .concat = part->concat,
        .data_len = part->data_len,
    };
    (void)snprintf(submit.to.text, sizeof(submit.to.text), "%s", sms->number);
    memcpy(submit.data, part->data, sizeof(submit.data));
    buf_init(&pdu, bytes, sizeof(bytes));
    bool ok = gsm_submit_encode(&submit, &pdu, &send->tpdu_len[send->count]) && buf_ok(&pdu);
    if (ok)
        hex_encode(bytes, pdu.len, send->pdu[send->count++]);
    secret_wipe(bytes, sizeof(bytes));
    secret_wipe(&submit, sizeof(submit));
    return ok;
}

static bool encode(struct modem_send *send, const struct modem_sms *sms)
{
    struct gsm_part parts[GSM_PARTS_MAX];
    size_t count = 0;
    bool ok = gsm_segment(sms->text, strlen(sms->text), sms->concat_reference, parts, &count);
    for (size_t i = 0; ok && i < count; i++)
        ok = encode_part(send, sms, &parts[i], i + 1 == count);
    secret_wipe(parts, sizeof(parts));
    return ok;
}

static void count_outcome(struct modem *modem)
{
    unsigned long *const counters[] = {
        [MODEM_OUTCOME_SENT] = &modem->sent,
        [MODEM_OUTCOME_REFUSED] = &modem->refused,
        [MODEM_OUTCOME_UNKNOWN] = &modem->unknown,
    };
    (*counters[modem->send.result.outcome])++;
}

/* The most telling one. */
static const char *advice_of(const struct modem *modem)
{
    const char *advice = modem_recover_advice(modem);
    if (advice[0] == '\0' && flap_is_on(&modem->flap, loop_now_us(modem->loop)))
        advice = flap_advice;
    return advice[0] != '\0' ? advice : modem_sample_advice(modem);
}

void modem_say_health(struct modem *modem)
{
    char code[32];
    if (modem->fault.kind == GSM_CAUSE_NONE) {
        modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", advice_of(modem));
        return;
    }
    gsm_cause_format(modem->fault, code, sizeof(code));
    modem_set_detail(modem, LOG_LEVEL_ERROR,
                     "La SIM o el módem no pueden enviar (%s: %s). Revise la SIM, su saldo y el "
                     "centro de mensajes.",
                     code, gsm_cause_text(modem->fault));
}

/* One alone may be the message's: if the next has it too, it is not. */
static void note_fault(struct modem *modem, struct gsm_cause cause)
{
    bool is_first = modem->fault.kind == GSM_CAUSE_NONE;
    modem->fault = cause;
    if (is_first && gsm_cause_may_be_the_message(cause))
        return;
    if (modem_heal(modem, LADDER_FAULT)) {
        modem->fault = (struct gsm_cause){.kind = GSM_CAUSE_NONE}; /* yet to be shown */
        return;
    }
    modem_say_health(modem);
    modem->blocked_as = NULL; /* whatever the card was blocked for before */
    modem_enter(modem, MODEM_BLOCKED);
}

static void note_success(struct modem *modem)
{
    modem_has_worked(modem, LADDER_FAULT);
    if (modem->fault.kind == GSM_CAUSE_NONE)
        return;
    modem->fault = (struct gsm_cause){.kind = GSM_CAUSE_NONE};
    modem_say_health(modem);
}

/* What the modem itself needs after this outcome; a healthy one nothing at all. */
static void look_after(struct modem *modem, const struct at_reply *reply)
{
    bool is_fault = reply->result == AT_RESULT_ERROR && modem->send.result.class == GSM_CLASS_FAULT;
    bool out_of_step =
        reply->result == AT_RESULT_OK && modem->send.result.outcome != MODEM_OUTCOME_SENT;
    if (modem->send.result.outcome == MODEM_OUTCOME_SENT)
        note_success(modem);
    if (is_fault) {
        note_fault(modem, reply->cause);
    } else if (reply->result == AT_RESULT_TIMEOUT) {
        modem_send_lost(modem, reply->payload_sent);
    } else if (out_of_step) {
        modem_resync(modem);
    } else if (reply->result != AT_RESULT_LOST && modem->restarted) {
        modem_enter(modem, MODEM_PROBING);
    } else if (reply->result != AT_RESULT_LOST && !modem_is_registered(modem)) {
        modem_registration_changed(modem);
    }
}

static void end(struct modem *modem, const struct at_reply *reply)
{
    struct modem_result result = modem->send.result;
    secret_wipe(modem->send.pdu, sizeof(modem->send.pdu));
    modem->send.active = false;
    count_outcome(modem);
    if (result.outcome == MODEM_OUTCOME_SENT)
        modem_send_worked(modem);
    look_after(modem, reply);
    modem_jobs_poke(modem);
    modem->events->sent(modem, &result, modem->user);
}

static void send_part(struct modem *modem);

/* Two of them are one too many, and nobody knows which: its report is known by its stamp. */
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

static struct at_reply kept_reply(const struct modem_send *send)
{
    return (struct at_reply){
        .result = send->refused, .cause = send->result.cause, .payload_sent = send->has_left};
}

/* It was a setting: the message was never to blame, and goes again in a moment. */
static void checked(struct modem *modem)
{
    modem->send.is_explaining = false;
    if (modem->rows.is_changed) {
        modem->send.result.class = GSM_CLASS_BUSY;
        modem->restarted = true; /* the others may be lost as well */
    }
    const struct at_reply reply = kept_reply(&modem->send);
    end(modem, &reply);
}

static void check_settings(struct modem *modem, const struct at_reply *reply)
{
    modem->send.is_explaining = true;
    modem->send.refused = reply->result;
    modem->send.has_left = reply->payload_sent;
    modem_run_rows(modem, modem_refusal_rows, checked);
}

void modem_send_settle(struct modem *modem)
{
    if (!modem->send.is_explaining)
        return;
    modem->send.is_explaining = false;
    modem->send.active = false;
    secret_wipe(modem->send.pdu, sizeof(modem->send.pdu));
    count_outcome(modem);
    loop_deferred_arm(modem->failed);
}

static void on_refused(struct modem *modem, const struct at_reply *reply)
{
    struct modem_result *result = &modem->send.result;
    bool is_later_part = modem->send.next > 0; /* to repeat the whole would repeat what has gone */
    bool may_have_left = reply->payload_sent || is_later_part;
    result->cause = reply->cause;
    result->class = gsm_cause_class(reply->cause, may_have_left);
    if (result->class == GSM_CLASS_STORAGE)
        modem_inbound_sweep(modem);
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
        end(modem, reply);
}

/*
 * Only an OK behind the PDU and with its +CMGS: line says that the message was taken. A bare OK may
 * belong to an earlier command; one before the prompt certainly does.
 */
static void on_part(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result != AT_RESULT_OK || !reply->payload_sent || reply->line_count == 0) {
        on_refused(modem, reply);
        return;
    }
    modem->send.result.reference = reference_of(reply);
    if (++modem->send.next < modem->send.count)
        send_part(modem);
    else
        end(modem, reply);
}

static void send_part(struct modem *modem)
{
    char command[COMMAND_SIZE];
    size_t part = modem->send.next;
    (void)snprintf(command, sizeof(command), "AT+CMGS=%zu", modem->send.tpdu_len[part]);
    modem_command(modem, &(struct at_request){.command = command,
                                              .prefix = "+CMGS:",
                                              .payload = modem->send.pdu[part],
                                              .prompt_ms = (unsigned)modem->config.prompt_ms,
                                              .final_ms = (unsigned)modem->config.final_ms,
                                              .fn = on_part,
                                              .user = modem});
}

static void refuse(struct modem *modem, enum gsm_class class)
{
    modem->send.result = (struct modem_result){
        .outcome = MODEM_OUTCOME_REFUSED,
        .class = class,
        .cause = {.kind = GSM_CAUSE_LOCAL},
        .reference = -1,
    };
    loop_deferred_arm(modem->failed);
}

void modem_send(struct modem *modem, const struct modem_sms *sms)
{
    modem->reserved = false;
    modem->send.count = 0;
    modem->send.next = 0;
    if (!is_free(modem)) { /* what is urgent by now waits for this one, not the other way round */
        refuse(modem, GSM_CLASS_BUSY);
        return;
    }
    if (!encode(&modem->send, sms)) {
        refuse(modem, GSM_CLASS_PERMANENT);
        modem_jobs_poke(modem);
        return;
    }
    modem->send.result = (struct modem_result){.outcome = MODEM_OUTCOME_SENT, .reference = -1};
    modem->send.active = true;
    send_part(modem);
}
