/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sending: AT+CMGS, its prompt and what is typed behind it; then the network's verdict and the
 * status report. Source: 3GPP TS 27.005 3.5.1, 4.3; 3GPP TS 23.040 9.2.3.
 */
#ifndef CC_SIM_SMS_H
#define CC_SIM_SMS_H

#include "gsm/addr.h"
#include "gsm/submit.h"
#include "sim/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

enum { SIM_ENTRY_MAX = 1024 };

struct sim_sms {
    int announced;          /* length from AT+CMGS=n; PDU mode */
    char to[GSM_ADDR_SIZE]; /* destination; text mode */
    char entry[SIM_ENTRY_MAX + 1];
    size_t entry_len;
    bool entry_overflow;
    char smsc[GSM_ADDR_SIZE];  /* +CSCA */
    uint8_t next_reference;    /* TP-MR of the next one */
    uint8_t inbound_reference; /* of the last long message that came in */
    int64_t cmgs_latency_us;   /* from the message to its final result */
    int64_t report_latency_us; /* from the message to its status report */
    struct sim_bytes held;     /* reports that wait for the modem to be reachable */
};

/* A message that has been checked, on its way to the network. */
struct sim_message {
    struct gsm_submit submit;
    struct gsm_addr smsc;
    uint8_t pid;
    uint8_t dcs;
};

void sim_sms_init(struct sim *sim);
/* Takes a byte typed behind the prompt. */
void sim_sms_byte(struct sim *sim, char byte);
/* Hands a message to the network; the final result follows, now or later. */
void sim_submit(struct sim *sim, const struct sim_message *message);
/* Status reports that waited for the network go out. */
void sim_reports_release(struct sim *sim);
void sim_sms_done(struct sim *sim);

#endif
