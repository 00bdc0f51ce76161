/* SPDX-License-Identifier: EUPL-1.2 */
/* Finding the message of a status report. Source: MODEMS 1 #20. */
#ifndef CC_STORE_OUTBOX_REPORT_H
#define CC_STORE_OUTBOX_REPORT_H

#include "store/outbox.h"

/* Status report of a message, and how far back the message is looked for. */
struct outbox_report {
    const char *modem;
    const char *number; /* E.164 */
    int reference;
    int64_t submitted_ms;  /* the centre's stamp; 0 = none */
    int64_t since_ms;      /* sent no earlier */
    int64_t said_since_ms; /* a final report that came since may come a second time */
};

/*
 * The message that a report belongs to, of this modem and number: one with its reference, sent when
 * the stamp says; then one whose reference we never learnt, sent then; then the newest of these
 * two kinds with any stamp; then the one sent then, with any reference (outbox_report.c).
 * A message that has had its final report is found too: the report is said twice, and must not be
 * taken for another message's. Errors: CC_ERR_NOT_FOUND, also when it is about the message that is
 * being sent: it has come early.
 */
enum cc_err outbox_match_report(struct store *store, const struct outbox_report *report,
                                struct outbox_message *ret) CC_MUST_CHECK;

#endif
