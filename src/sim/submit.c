/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From the modem to the network and back: the verdict on a message, its final result, its status
 * report. A message reaches the handset the moment it is accepted; only the answer takes its time,
 * so that a client that gives up early meets the worst case.
 */
#include "base/loop.h"
#include "sim/state.h"
#include "sim/tpdu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verdict {
    unsigned epoch;
    int reference;
    bool lost;
    struct sim_result result;
};

struct report {
    struct gsm_report pdu;
    bool twice;
    int64_t late_us;
};

static int64_t longer_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ---- the report ---- */

static void pass_on(struct sim *sim, const struct report *report, bool early)
{
    uint8_t storage[SIM_PDU_MAX];
    struct buf pdu;
    size_t tpdu_len = 0;
    struct gsm_report stamped = report->pdu;
    stamped.done_ms = loop_wall_ms(sim->loop);
    buf_init(&pdu, storage, sizeof(storage));
    if (!sim_report_encode(&stamped, &pdu, &tpdu_len))
        return;
    for (int i = 0; i < 1 + report->twice; i++) {
        const char *how = sim_receive_report(sim, pdu.data, pdu.len, tpdu_len, early);
        sim_log(sim, "report", "{s:i, s:s, s:i, s:s}", "mr", stamped.reference, "number",
                stamped.to.text, "status", stamped.status, "how", how);
    }
}

static bool is_reachable(struct sim *sim)
{
    return !sim->vanished && sim_network_can_send(sim);
}

static void on_report(struct sim *sim, void *arg)
{
    if (is_reachable(sim))
        pass_on(sim, arg, false);
    else
        sim_bytes_put(&sim->sms.held, arg, sizeof(struct report));
}

void sim_reports_release(struct sim *sim)
{
    struct sim_bytes held = sim->sms.held;
    if (!is_reachable(sim))
        return;
    sim->sms.held = (struct sim_bytes){0};
    for (size_t at = 0; at + sizeof(struct report) <= held.len; at += sizeof(struct report)) {
        struct report report;
        memcpy(&report, held.data + at, sizeof(report));
        pass_on(sim, &report, false);
    }
    sim_bytes_done(&held);
}

/* NULL when none will come later: an early one has gone out here. */
static struct report *plan_report(struct sim *sim, const struct sim_message *message,
                                  uint8_t reference)
{
    int late_ms = 0;
    if (!message->submit.want_report || sim_fault_take(sim, SIM_FAULT_NO_REPORT, NULL))
        return NULL;
    struct report *report = sim_alloc(1, sizeof(*report));
    report->pdu.smsc = message->smsc;
    report->pdu.reference = reference;
    report->pdu.to = message->submit.to;
    report->pdu.submitted_ms = loop_wall_ms(sim->loop);
    report->twice = sim_fault_take(sim, SIM_FAULT_REPORT_TWICE, NULL);
    (void)sim_fault_take(sim, SIM_FAULT_REPORT_LATE, &late_ms);
    report->late_us = (int64_t)late_ms * 1000;
    if (!sim_fault_take(sim, SIM_FAULT_REPORT_EARLY, NULL))
        return report;
    pass_on(sim, report, true);
    free(report);
    return NULL;
}

/* ---- the answer ---- */

static void on_verdict(struct sim *sim, void *arg)
{
    const struct verdict *verdict = arg;
    if (verdict->epoch != sim->line.epoch)
        return;
    if (verdict->lost || sim_is_dead(sim)) {
        sim_line_idle(sim);
    } else {
        if (verdict->result.kind == SIM_FINAL_OK)
            sim_line_text(sim, "+CMGS: %d", verdict->reference);
        sim_final(sim, verdict->result);
    }
    (void)sim_fault_take(sim, SIM_FAULT_URC_NOISE, NULL);
}

static void deliver_message(struct sim *sim, const struct sim_message *message, uint8_t reference)
{
    char storage[1024];
    struct buf text;
    const struct gsm_submit *submit = &message->submit;
    buf_init(&text, storage, sizeof(storage));
    sim_submit_text(submit, &text);
    const char *utf8 = buf_cstr(&text);
    struct sim_received received = {
        .text = sim_strdup(utf8 != NULL ? utf8 : ""),
        .concat_reference = submit->concat.reference,
        .part = submit->concat.present ? submit->concat.index : 1,
        .parts = submit->concat.present ? submit->concat.total : 1,
        .pid = message->pid,
        .dcs = message->dcs,
        .vp_s = submit->validity_s,
        .reference = reference,
        .srr = submit->want_report,
        .at_us = loop_now_us(sim->loop),
    };
    snprintf(received.number, sizeof(received.number), "%s", submit->to.text);
    snprintf(received.smsc, sizeof(received.smsc), "%s", message->smsc.text);
    sim_log(sim, "submit", "{s:i, s:s, s:s, s:f}", "mr", reference, "number", received.number,
            "text", received.text, "latency_s", (double)sim->sms.cmgs_latency_us / 1e6);
    sim->counters.submits++;
    sim_handset_receive(&sim->handset, &received);
}

/* *late_us: what the refusal takes over the usual time. */
static bool is_refused(struct sim *sim, const struct sim_message *message,
                       struct sim_result *result, int64_t *late_us)
{
    struct sim_armed dead = {0};
    int code = SIM_CMS_NO_SERVICE;
    if (!sim_network_can_send(sim)) {
        *result = sim_cms(code);
        return true;
    }
    if (message->smsc.text[0] == '\0') {
        *result = sim_cms(SIM_CMS_NO_CENTRE);
        return true;
    }
    if (sim_fault_take_named(sim, SIM_FAULT_DEAD_NUMBER, message->submit.to.text, &dead))
        code = dead.number[0];
    else if (!sim_fault_take(sim, SIM_FAULT_CMS, &code))
        return false;
    *late_us = (int64_t)dead.number[1] * 1000;
    *result = sim_cms(code);
    return true;
}

static int64_t late_by_fault(struct sim *sim)
{
    int late_ms = 0;
    (void)sim_fault_take(sim, SIM_FAULT_FINAL_LATE, &late_ms);
    return (int64_t)late_ms * 1000;
}

/* Answers an accepted message and sends its report, each in its time. */
static void answer_submit(struct sim *sim, struct verdict *verdict, struct report *report)
{
    int code = 0;
    if (sim_fault_take(sim, SIM_FAULT_CMS_AFTER, &code))
        verdict->result = sim_cms(code);
    verdict->lost = sim_fault_take(sim, SIM_FAULT_LOST_REPLY, NULL);
    int64_t reply_us = sim->sms.cmgs_latency_us + late_by_fault(sim);
    sim_later(sim, reply_us, on_verdict, verdict);
    /* The network does not report on what it has not acknowledged yet. */
    if (report != NULL)
        sim_later(sim, longer_of(sim->sms.report_latency_us, reply_us) + report->late_us, on_report,
                  report);
}

/* A modem that gets stuck gives every message the same TP-MR. */
static int take_reference(struct sim *sim)
{
    return sim_fault_is_on(sim, SIM_FAULT_MR_STUCK) ? sim->sms.next_reference
                                                    : sim->sms.next_reference++;
}

void sim_submit(struct sim *sim, const struct sim_message *given)
{
    int vanish_ms = 0;
    int64_t late_us = 0;
    struct sim_message message = *given;
    struct verdict *verdict = sim_alloc(1, sizeof(*verdict));
    verdict->epoch = sim->line.epoch;
    if (message.smsc.text[0] == '\0')
        snprintf(message.smsc.text, sizeof(message.smsc.text), "%s", sim->sms.smsc);
    if (is_refused(sim, &message, &verdict->result, &late_us)) {
        sim->counters.refused++;
        sim_later(sim, sim->sms.cmgs_latency_us + late_us + late_by_fault(sim), on_verdict,
                  verdict);
        return;
    }
    verdict->reference = take_reference(sim);
    deliver_message(sim, &message, (uint8_t)verdict->reference);
    struct report *report = plan_report(sim, &message, (uint8_t)verdict->reference);
    if (sim_fault_take(sim, SIM_FAULT_VANISH_PDU, &vanish_ms))
        sim_vanish(sim, (int64_t)vanish_ms * 1000, false);
    answer_submit(sim, verdict, report);
}
