/* SPDX-License-Identifier: EUPL-1.2 */
/* SMS-STATUS-REPORT. Pure. Source: 3GPP TS 23.040 9.2.2.3, 9.2.3.15 (TP-Status). */
#ifndef CC_GSM_REPORT_H
#define CC_GSM_REPORT_H

#include "gsm/addr.h"
#include "gsm/cause.h"

struct gsm_report {
    struct gsm_addr smsc;
    uint8_t reference; /* TP-MR */
    struct gsm_addr to;
    int64_t submitted_ms; /* UTC; 0 if it is no date, as done_ms */
    int64_t done_ms;
    uint8_t status; /* TP-Status; see gsm_status_class() */
};

/* Accepts the PDU with its SCA; optional trailing parameters (TP-PI …) are skipped. */
bool gsm_report_decode(const uint8_t *pdu, size_t len, struct gsm_report *ret);

#endif
