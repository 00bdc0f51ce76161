/* SPDX-License-Identifier: EUPL-1.2 */
/* Inbound messages and status reports: kept and announced, or passed on, as +CNMI says. */
#include "base/loop.h"
#include "sim/messages.h"
#include "sim/state.h"
#include "sim/tpdu.h"

#include <stdio.h>
#include <string.h>

/* ---- keeping ---- */

static struct sim_slot *free_slot(struct sim *sim, enum sim_memory memory)
{
    for (int i = 0; i < SIM_SLOTS; i++)
        if (!sim->stores.slots[memory][i].used)
            return &sim->stores.slots[memory][i];
    return NULL;
}

bool sim_memory_is_full(struct sim *sim, enum sim_memory memory)
{
    bool by_fault = memory == sim->stores.used[2] && sim_fault_is_on(sim, SIM_FAULT_STORAGE_FULL);
    return by_fault || free_slot(sim, memory) == NULL;
}

/* Its index as commands count, from 1; 0 when the memory is full. */
static int keep_in_memory(struct sim *sim, enum sim_memory memory, const struct sim_slot *message)
{
    struct sim_slot *slot = free_slot(sim, memory);
    if (slot == NULL || sim_memory_is_full(sim, memory))
        return 0;
    *slot = *message;
    slot->used = true;
    return (int)(slot - sim->stores.slots[memory]) + 1;
}

static bool fill_slot(struct sim_slot *slot, const uint8_t *pdu, size_t len, size_t tpdu_len)
{
    if (len > sizeof(slot->pdu))
        return false;
    slot->len = len;
    slot->tpdu_len = tpdu_len;
    memcpy(slot->pdu, pdu, len);
    return true;
}

void sim_store_fill(struct sim *sim, int used)
{
    static const char text[] = "relleno"; /* seven letters of the GSM alphabet as they are */
    uint8_t storage[SIM_PDU_MAX];
    size_t tpdu_len = 0;
    struct buf pdu;
    struct sim_slot message = {.read = true};
    struct gsm_deliver deliver = {.sent_ms = loop_wall_ms(sim->loop), .data_len = sizeof(text) - 1};
    memcpy(deliver.data, text, sizeof(text) - 1);
    snprintf(deliver.from.text, sizeof(deliver.from.text), "+34600999999");
    buf_init(&pdu, storage, sizeof(storage));
    if (!sim_deliver_encode(&deliver, &pdu, &tpdu_len) ||
        !fill_slot(&message, pdu.data, pdu.len, tpdu_len))
        return;
    message.used = true;
    for (int i = 0; i < (used > 0 ? used : SIM_SLOTS); i++) {
        struct sim_slot *slot = &sim->stores.slots[sim->stores.used[2]][i];
        if (!slot->used)
            *slot = message;
    }
}

/* ---- saying so ---- */

static void say_event(struct sim *sim, const char *line)
{
    if (sim->profile.cnmi[0] != 0)
        sim_line_urc(sim, line, strlen(line));
}

static void announce_message(struct sim *sim, const char *name, enum sim_memory memory, int index)
{
    char line[32];
    snprintf(line, sizeof(line), "%s: \"%s\",%d", name, sim_memory_name(memory), index);
    say_event(sim, line);
}

static void announce_full(struct sim *sim, enum sim_memory memory)
{
    char line[48];
    const char *text = sim->personality->full;
    sim_vendor_expand(sim, text != NULL ? text : "^SMMEMFULL: \"$M\"", sim_memory_name(memory),
                      line, sizeof(line));
    say_event(sim, line);
}

static void send_direct(struct sim *sim, const char *name, const struct sim_slot *slot, bool early)
{
    char storage[SIM_MESSAGE_TEXT];
    struct buf text;
    buf_init(&text, storage, sizeof(storage));
    sim_message_format(sim, slot, name, 0, &text);
    const char *second = memchr(text.data, '\n', text.len);
    if (second != NULL && sim_fault_take(sim, SIM_FAULT_HALF_PDU, NULL))
        text.len -= (size_t)(storage + text.len - second) / 2;
    if (early)
        sim_line_block(sim, text.data, text.len);
    else
        sim_line_urc(sim, text.data, text.len);
}

/* ---- messages ---- */

/* The faults that make +CMTI say something else than what +CPMS asks for. */
static enum sim_memory receiving_memory(struct sim *sim)
{
    struct sim_armed armed;
    enum sim_memory memory = sim->stores.used[2];
    if (sim_fault_take_named(sim, SIM_FAULT_CMTI_MEMORY, NULL, &armed))
        (void)sim_memory_find(armed.text, &memory);
    return memory;
}

static bool keep_message(struct sim *sim, struct sim_slot *message)
{
    int early_ms = 0;
    bool announces = sim->profile.cnmi[1] == 1;
    enum sim_memory memory = receiving_memory(sim);
    if (sim_fault_take(sim, SIM_FAULT_CMTI_MINUS_ONE, NULL)) {
        announce_message(sim, "+CMTI", memory, -1);
        return true;
    }
    if (sim_fault_take(sim, SIM_FAULT_CMTI_EARLY, &early_ms))
        message->from_us = loop_now_us(sim->loop) + (int64_t)early_ms * 1000;
    int index = keep_in_memory(sim, memory, message);
    if (index == 0)
        announce_full(sim, memory);
    else if (announces)
        announce_message(sim, "+CMTI", memory, index);
    return index > 0;
}

bool sim_receive(struct sim *sim, const uint8_t *pdu, size_t len, size_t tpdu_len)
{
    struct sim_slot message = {0};
    const int *cnmi = sim->profile.cnmi;
    if (!fill_slot(&message, pdu, len, tpdu_len))
        return false;
    if (cnmi[0] == 0 || cnmi[1] != 2)
        return keep_message(sim, &message);
    send_direct(sim, "+CMT", &message, false);
    return true;
}

/* ---- status reports ---- */

const char *sim_receive_report(struct sim *sim, const uint8_t *pdu, size_t len, size_t tpdu_len,
                               bool early)
{
    struct sim_slot report = {.is_report = true};
    const int *cnmi = sim->profile.cnmi;
    int index = 0;
    if (!fill_slot(&report, pdu, len, tpdu_len))
        return "dropped";
    if (cnmi[3] == 2)
        index = keep_in_memory(sim, SIM_MEMORY_SR, &report);
    if (index > 0) {
        announce_message(sim, "+CDSI", SIM_MEMORY_SR, index);
        return "cdsi";
    }
    if (cnmi[3] != 1 || cnmi[0] == 0 || sim->line.fd < 0)
        return "dropped";
    send_direct(sim, "+CDS", &report, early);
    return "cds";
}
