/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What may be made to go wrong, by name: `name[:arg][*count]`. Count is 1 if not given; `*` or `*0`
 * = until cleared. The table is in faults.c, its page is hw/simmodem.md.
 */
#ifndef CC_SIM_FAULTS_H
#define CC_SIM_FAULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

enum sim_fault_id {
    SIM_FAULT_CEREG,
    SIM_FAULT_CGREG,
    SIM_FAULT_CME_BUSY,
    SIM_FAULT_CMS,
    SIM_FAULT_CMS_AFTER,
    SIM_FAULT_CREG,
    SIM_FAULT_CRLF_DOUBLE,
    SIM_FAULT_CSQ,
    SIM_FAULT_ECHO_OFF,
    SIM_FAULT_FINAL_LATE,
    SIM_FAULT_GARBAGE,
    SIM_FAULT_LOST_REPLY,
    SIM_FAULT_NO_REPORT,
    SIM_FAULT_PIN_COUNTER,
    SIM_FAULT_PROMPT_BARE,
    SIM_FAULT_PROMPT_LATE,
    SIM_FAULT_PROMPT_LOST,
    SIM_FAULT_REPORT_EARLY,
    SIM_FAULT_REPORT_LATE,
    SIM_FAULT_REPORT_TWICE,
    SIM_FAULT_SILENT,
    SIM_FAULT_URC_NOISE,
    SIM_FAULT_VANISH,
    SIM_FAULT_VANISH_PDU,
    SIM_FAULT_COUNT
};

enum { SIM_FAULTS_MAX = 32, SIM_FAULT_FOREVER = -1 };

struct sim_armed {
    enum sim_fault_id id;
    int arg;
    int remaining;    /* or SIM_FAULT_FOREVER */
    int64_t until_us; /* 0 = no end */
};

/* Armed ones in their order: two of a kind take effect one after the other. */
struct sim_faults {
    struct sim_armed armed[SIM_FAULTS_MAX];
    size_t count;
    unsigned random; /* of the noise: the same in each run */
};

/* True when one is armed; uses up one of its count. *ret_arg may be NULL. */
bool sim_fault_take(struct sim *sim, enum sim_fault_id id, int *ret_arg);
/* True when one is armed; nothing is used up. */
bool sim_fault_is_on(struct sim *sim, enum sim_fault_id id);
/* What urc-noise and garbage put on the line, if they are armed. */
void sim_noise(struct sim *sim);
void sim_garbage(struct sim *sim);
void sim_faults_clear(struct sim *sim);
/* The armed ones as an array of texts. */
json_t *sim_faults_list(struct sim *sim);

#endif
