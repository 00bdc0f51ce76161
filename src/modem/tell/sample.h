/* SPDX-License-Identifier: EUPL-1.2 */
/* Readings of a modem and its network, for the status page and the history. */
#ifndef CC_MODEM_TELL_SAMPLE_H
#define CC_MODEM_TELL_SAMPLE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* A number that it has not told, or that made no sense. */
#define MODEM_SAMPLE_UNKNOWN INT_MIN

enum { MODEM_OPERATOR_SIZE = 33, MODEM_SMSC_SIZE = 24 };

struct modem_sample {
    int registration; /* the <stat> of 27.007 that counts: one that can send before any other */
    int is_roaming;   /* 0, 1 */
    int rat;          /* <AcT> of 27.007 7.2: 0 GSM, 2 UTRAN, 7 E-UTRAN… */
    int area, cell;   /* <lac> or <tac>, <ci> */
    int signal_dbm;   /* CSQ, CESQ or the vendor's, whichever tells */
    int rsrp_dbm, rsrq_cb; /* of LTE, CESQ; rsrq in tenths of a dB */
    int sms_service;       /* +CGSMS: 0-3 */
    int ims;               /* 1 on, 0 off */
    int temperature_c;
    int supply_mv;
    int storage_used, storage_total;    /* +CPMS, of the memory that receives */
    int clock_offset_s;                 /* the network's time minus ours; NITZ */
    int64_t clock_read_ms;              /* … when ours, CLOCK_REALTIME, was this */
    char operator[MODEM_OPERATOR_SIZE]; /* "" = not told; as the modem says it: hostile text */
    char smsc[MODEM_SMSC_SIZE];         /* "" = not told */
};

/* Everything unknown. */
void modem_sample_clear(struct modem_sample *sample);

#endif
