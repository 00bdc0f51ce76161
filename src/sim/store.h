/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The memories of the modem, and what comes in: messages and reports, routed as +CNMI says.
 * Source: 3GPP TS 27.005 3.2.2 (CPMS), 3.4.1 (CNMI), 4.1, 4.2 (CMGL, CMGR).
 */
#ifndef CC_SIM_STORE_H
#define CC_SIM_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

enum { SIM_SLOTS = 30, SIM_PDU_MAX = 200 };

/* The order of CPMS=? here. */
enum sim_memory { SIM_MEMORY_SM, SIM_MEMORY_ME, SIM_MEMORY_SR, SIM_MEMORIES };

struct sim_slot {
    bool used;
    bool read;
    bool is_report;
    int64_t from_us; /* readable from then on; 0 = at once */
    size_t len;
    size_t tpdu_len;
    uint8_t pdu[SIM_PDU_MAX];
};

struct sim_stores {
    struct sim_slot slots[SIM_MEMORIES][SIM_SLOTS];
    enum sim_memory used[3]; /* +CPMS: read and delete, write and send, receive */
};

const char *sim_memory_name(enum sim_memory memory);
bool sim_memory_find(const char *name, enum sim_memory *ret);
/* By storage-full, or because every slot is in use. */
bool sim_memory_is_full(struct sim *sim, enum sim_memory memory);
/* Messages of nobody's until `used` slots of the receiving memory are taken; 0 = all of them. */
void sim_store_fill(struct sim *sim, int used);
/* A message for this modem. False when there is no room for it. */
bool sim_receive(struct sim *sim, const uint8_t *pdu, size_t len, size_t tpdu_len);
/* A status report; returns how it went: "cds", "cdsi", "dropped". early = before the reply. */
const char *sim_receive_report(struct sim *sim, const uint8_t *pdu, size_t len, size_t tpdu_len,
                               bool early);

#endif
