/* SPDX-License-Identifier: EUPL-1.2 */
/* SMS-DELIVER. Pure. Source: 3GPP TS 23.040 9.2.2.1. Hostile input: every length is checked. */
#ifndef CC_GSM_DELIVER_H
#define CC_GSM_DELIVER_H

#include "gsm/submit.h"

struct gsm_deliver {
    struct gsm_addr smsc;
    struct gsm_addr from;
    int64_t sent_ms; /* service centre's stamp, UTC; 0 if it is no date */
    uint8_t pid;
    enum gsm_alphabet alphabet;
    struct gsm_concat concat;
    struct gsm_language language;
    bool is_cut;       /* octets are missing, or its header makes no sense */
    uint8_t data[160]; /* as in gsm_submit */
    size_t data_len;
};

bool gsm_deliver_decode(const uint8_t *pdu, size_t len, struct gsm_deliver *ret);
/* Appends the text as UTF-8 (8-bit data as hex). */
void gsm_deliver_text(const struct gsm_deliver *deliver, struct buf *out);

#endif
