/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * SMS-SUBMIT: what we send. Pure.
 * Source: 3GPP TS 23.040 9.2.2.2; 27.005 4.3 (the length that AT+CMGS wants leaves out the SCA).
 */
#ifndef CC_GSM_SUBMIT_H
#define CC_GSM_SUBMIT_H

#include "gsm/addr.h"
#include "gsm/udh.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GSM_PDU_MAX = 176 + 13, GSM_UD_MAX = 140 };

enum gsm_alphabet { GSM_ALPHABET_7BIT, GSM_ALPHABET_8BIT, GSM_ALPHABET_UCS2 };

struct gsm_submit {
    const char *smsc; /* NULL = the SIM's */
    struct gsm_addr to;
    bool want_report;       /* TP-SRR */
    bool reject_duplicates; /* TP-RD */
    uint8_t reference;      /* TP-MR: most modems put their own */
    uint8_t replace;    /* 0, or 1-7: Replace Short Message Type n, TP-PID 0x41-0x47 (9.2.3.9) */
    bool flash;         /* message class 0: shown at once, not stored (23.038 4) */
    int64_t validity_s; /* TP-VP relative, never longer than this; 0 = no TP-VP field */
    enum gsm_alphabet alphabet;
    struct gsm_concat concat;
    /* Septets (one per byte) for 7BIT, bytes for the others; without the header. */
    uint8_t data[160];
    size_t data_len;
};

/*
 * Appends the whole PDU, SCA first. *ret_tpdu_len is the number for AT+CMGS. False if a field is
 * out of range (a validity below the 300 s that are the shortest TP-VP, too) or the data do not
 * fit one PDU (160 septets / 140 bytes, header included).
 */
bool gsm_submit_encode(const struct gsm_submit *submit, struct buf *out, size_t *ret_tpdu_len);

#endif
