/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Causes of failure as the network and the modem tell them, and the class of each (MODEMS 3).
 * Pure tables. Source: 3GPP TS 27.005 3.2.5, 27.007 9.2, 24.011 annex E-2, 23.040 9.2.3.15
 * and 9.2.3.22.
 */
#ifndef CC_GSM_CAUSE_H
#define CC_GSM_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gsm_cause_kind {
    GSM_CAUSE_NONE,
    GSM_CAUSE_CMS,    /* +CMS ERROR: n */
    GSM_CAUSE_CME,    /* +CME ERROR: n */
    GSM_CAUSE_STATUS, /* TP-Status of a report */
    GSM_CAUSE_ERROR,  /* a bare ERROR */
    GSM_CAUSE_LOCAL,  /* ours: time-out, link lost; code is 0 */
};

struct gsm_cause {
    enum gsm_cause_kind kind;
    int code;
};

enum gsm_class {
    GSM_CLASS_PERMANENT, /* the message will never go: tell the caller */
    GSM_CLASS_TEMPORARY, /* the network: back off */
    GSM_CLASS_UNKNOWN,   /* the message may have been sent */
    GSM_CLASS_BUSY,      /* same command again in a moment, no penalty */
    GSM_CLASS_STORAGE,   /* sweep the SIM's memory, then go on */
    GSM_CLASS_FAULT,     /* modem or SIM: stop the line, keep the queue */
};

/*
 * The class of a cause. after_pdu: the PDU had been handed over, so 332, 350, 500 and CME 31 (and
 * an unlisted code in the vendor range 512-, or a bare ERROR) may hide a message that went out.
 */
enum gsm_class gsm_cause_class(struct gsm_cause cause, bool after_pdu);
/*
 * A fault that modems also give for one message they do not like (CMS 300, 302, 303): one alone
 * proves nothing about the modem.
 */
bool gsm_cause_may_be_the_message(struct gsm_cause cause);
/* The number is refused (CMS 1, 30, 195, 196), which proves nothing about the modem or its card. */
bool gsm_cause_is_of_number(struct gsm_cause cause);
/* "CMS 38", "CME 14", "ERROR", "estado 0x46": for lists and logs. */
void gsm_cause_format(struct gsm_cause cause, char *out, size_t cap);
/* Spanish, short: "red fuera de servicio"; never NULL. */
const char *gsm_cause_text(struct gsm_cause cause);
/*
 * The code behind a verbose text as CMEE=2 gives it ("SIM PIN required" → 11), any case; -1 if
 * unknown. kind is GSM_CAUSE_CME or GSM_CAUSE_CMS.
 */
int gsm_cause_from_text(enum gsm_cause_kind kind, const char *text);

enum gsm_status_class {
    GSM_STATUS_DELIVERED, /* 0x00-0x1F, but 0x01 and 0x02 too: the centre has done its part */
    GSM_STATUS_TRYING,    /* 0x20-0x3F: still trying, another report follows */
    GSM_STATUS_FAILED,    /* 0x40-0x5F permanent, 0x60-0x7F temporary but no more tries */
    GSM_STATUS_RESERVED,  /* 0x80- : service rejected by 23.040's rule */
};
enum gsm_status_class gsm_status_class(uint8_t tp_status);

#endif
