/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/sms.h"

#include "base/hex.h"
#include "gsm/gsm7.h"
#include "gsm/scts.h"
#include "sim/commands.h"
#include "sim/noise.h"
#include "sim/state.h"
#include "sim/tpdu.h"

#include <stdio.h>
#include <string.h>

enum { CTRL_Z = 0x1A, ESC = 0x1B };
/* The shortest and the longest SMS-SUBMIT without its service centre (23.040 9.2.2.2). */
enum { TPDU_MIN = 7, TPDU_MAX = 164 };

void sim_sms_init(struct sim *sim)
{
    snprintf(sim->sms.smsc, sizeof(sim->sms.smsc), "+34600000000");
}

void sim_sms_done(struct sim *sim)
{
    sim_bytes_done(&sim->sms.held);
}

/* ---- the prompt ---- */

static void show_prompt(struct sim *sim, void *arg)
{
    const unsigned *epoch = arg;
    if (*epoch != sim->line.epoch)
        return;
    sim_line_enter(sim, SIM_LINE_ENTRY);
    sim->sms.entry_len = 0;
    sim->sms.entry_overflow = false;
    if (sim_is_dead(sim) || sim_fault_take(sim, SIM_FAULT_PROMPT_LOST, NULL))
        return;
    sim_log(sim, "prompt", "{}");
    if (sim_fault_take(sim, SIM_FAULT_PROMPT_BARE, NULL))
        sim_line_raw(sim, ">", 1);
    else
        sim_line_raw(sim, "\r\n> ", 4);
    sim_noise(sim);
}

static struct sim_result ask_for_text(struct sim *sim)
{
    int late_ms = 0;
    unsigned *epoch = sim_alloc(1, sizeof(*epoch));
    *epoch = sim->line.epoch;
    (void)sim_fault_take(sim, SIM_FAULT_PROMPT_LATE, &late_ms);
    sim_later(sim, (int64_t)late_ms * 1000, show_prompt, epoch);
    return sim_finish_later();
}

struct sim_result sim_cmgs_set(struct sim *sim, const struct sim_args *args)
{
    struct sim_sms *sms = &sim->sms;
    if (sim->profile.cmgf == 1) {
        const char *to = sim_args_text(args, 0);
        if (!gsm_addr_is_number(to) || args->count > 2)
            return sim_cms(SIM_CMS_INVALID_TEXT);
        snprintf(sms->to, sizeof(sms->to), "%s", to);
        return ask_for_text(sim);
    }
    sms->announced = 0;
    if (args->count > 1 || !sim_args_int(args, 0, TPDU_MIN, TPDU_MAX, &sms->announced) ||
        sms->announced == 0)
        return sim_cms(SIM_CMS_INVALID_PDU);
    return ask_for_text(sim);
}

/* ---- behind the prompt ---- */

/* The parameters that the decoder has no use for stand at fixed places behind the address. */
static void read_pid_dcs(const uint8_t *pdu, size_t len, struct sim_message *message)
{
    struct gsm_addr ignored;
    size_t pos = 0;
    if (!gsm_sca_decode(pdu, len, &pos, &ignored))
        return;
    pos += 2; /* first octet, TP-MR */
    if (!gsm_addr_decode(pdu, len, &pos, &ignored) || pos + 2 > len)
        return;
    message->pid = pdu[pos];
    message->dcs = pdu[pos + 1];
}

static struct sim_result read_pdu(struct sim *sim, struct sim_message *message)
{
    uint8_t pdu[SIM_PDU_MAX];
    size_t len = 0;
    size_t tpdu_len = 0;
    bool well_formed = !sim->sms.entry_overflow &&
                       hex_decode(sim->sms.entry, sim->sms.entry_len, pdu, sizeof(pdu), &len) &&
                       sim_submit_decode(pdu, len, &message->submit, &message->smsc, &tpdu_len);
    if (!well_formed || tpdu_len != (size_t)sim->sms.announced)
        return sim_cms(SIM_CMS_INVALID_PDU);
    read_pid_dcs(pdu, len, message);
    return sim_finish_later();
}

/* Converts the typed text to UTF-8, from the alphabet that +CSCS names. */
static bool entry_to_utf8(struct sim *sim, struct buf *out)
{
    uint8_t ucs2[SIM_ENTRY_MAX / 2];
    size_t len = 0;
    const char *cscs = sim->profile.cscs;
    if (strcmp(cscs, "UCS2") == 0) {
        if (!hex_decode(sim->sms.entry, sim->sms.entry_len, ucs2, sizeof(ucs2), &len))
            return false;
        ucs2_to_utf8(ucs2, len, out);
    } else if (strcmp(cscs, "GSM") == 0) {
        gsm7_to_utf8((const uint8_t *)sim->sms.entry, sim->sms.entry_len, out);
    } else {
        buf_put(out, sim->sms.entry, sim->sms.entry_len);
    }
    return buf_ok(out);
}

static bool fill_data(struct gsm_submit *submit, const char *utf8, size_t len)
{
    size_t bad = 0;
    struct buf out;
    if (submit->alphabet == GSM_ALPHABET_7BIT)
        return gsm7_from_utf8(utf8, len, submit->data, sizeof(submit->data), &submit->data_len,
                              &bad);
    buf_init(&out, submit->data, GSM_UD_MAX);
    if (!ucs2_from_utf8(utf8, len, &out))
        return false;
    submit->data_len = out.len;
    return true;
}

static struct sim_result read_text(struct sim *sim, struct sim_message *message)
{
    enum { FO_SRR = 0x20, FO_VPF = 0x18, FO_VPF_RELATIVE = 0x10, DCS_ALPHABET = 0x0C };
    char utf8[4 * SIM_ENTRY_MAX];
    struct buf text;
    const int *csmp = sim->profile.csmp;
    struct gsm_submit *submit = &message->submit;
    buf_init(&text, utf8, sizeof(utf8));
    snprintf(submit->to.text, sizeof(submit->to.text), "%s", sim->sms.to);
    submit->want_report = (csmp[0] & FO_SRR) != 0;
    if ((csmp[0] & FO_VPF) == FO_VPF_RELATIVE)
        submit->validity_s = gsm_vp_seconds((uint8_t)csmp[1]);
    message->pid = (uint8_t)csmp[2];
    message->dcs = (uint8_t)csmp[3];
    if ((csmp[3] & DCS_ALPHABET) == 0x04) /* 8-bit data have no text mode here */
        return sim_cms(SIM_CMS_NOT_SUPPORTED);
    submit->alphabet = (csmp[3] & DCS_ALPHABET) == 0x08 ? GSM_ALPHABET_UCS2 : GSM_ALPHABET_7BIT;
    if (sim->sms.entry_overflow || !entry_to_utf8(sim, &text) || !fill_data(submit, utf8, text.len))
        return sim_cms(SIM_CMS_INVALID_TEXT);
    return sim_finish_later();
}

static void end_of_entry(struct sim *sim)
{
    struct sim_message message = {0};
    sim_line_enter(sim, SIM_LINE_BUSY);
    sim->sms.entry[sim->sms.entry_len] = '\0';
    sim_log(sim, "pdu", "{s:i, s:i}", "announced", sim->sms.announced, "characters",
            (int)sim->sms.entry_len);
    sim_noise(sim);
    struct sim_result result =
        sim->profile.cmgf == 1 ? read_text(sim, &message) : read_pdu(sim, &message);
    if (result.kind == SIM_FINAL_LATER) {
        sim_submit(sim, &message);
        return;
    }
    sim->counters.refused++;
    sim_final(sim, result);
}

static void entry_return(struct sim *sim)
{
    if (sim->profile.cmgf == 0)
        return;
    if (sim->sms.entry_len < SIM_ENTRY_MAX)
        sim->sms.entry[sim->sms.entry_len++] = '\n';
    sim_line_raw(sim, "\r\n> ", 4);
}

/* Sends the noise and applies the faults that may come while a message is being typed. */
static void disturb_typing(struct sim *sim)
{
    int ms = 0;
    if (sim_fault_take(sim, SIM_FAULT_RING_PDU, NULL))
        sim_line_text(sim, "RING");
    if (sim_fault_take(sim, SIM_FAULT_VANISH_ENTRY, &ms))
        sim_vanish(sim, (int64_t)ms * 1000, false);
}

static void give_up(struct sim *sim)
{
    if (!sim_fault_is_on(sim, SIM_FAULT_ESC_IGNORED))
        sim_final(sim, sim_ok()); /* 27.005 3.5.1: and that is no error */
}

void sim_sms_byte(struct sim *sim, char byte)
{
    enum { DISTURB_AT = 10 }; /* somewhere inside the shortest PDU */
    struct sim_sms *sms = &sim->sms;
    if (sms->entry_len == DISTURB_AT)
        disturb_typing(sim);
    if (sim->line.state != SIM_LINE_ENTRY)
        return;
    if (byte == CTRL_Z)
        end_of_entry(sim);
    else if (byte == ESC)
        give_up(sim);
    else if (byte == '\r')
        entry_return(sim);
    else if (byte == '\b' && sms->entry_len > 0)
        sms->entry_len--;
    else if (byte == '\n' || byte == '\b')
        return;
    else if (sms->entry_len < SIM_ENTRY_MAX)
        sms->entry[sms->entry_len++] = byte;
    else
        sms->entry_overflow = true;
}
