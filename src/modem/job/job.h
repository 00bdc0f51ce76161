/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Work of a ready modem: messages (sms.c), and in idle moments the jobs, one command at a time:
 * between two commands a message that waits goes first, so that no job ever stands before it
 * (hw/MODEMS.md 1 #4). Private to modem/.
 */
#ifndef CC_MODEM_JOB_JOB_H
#define CC_MODEM_JOB_JOB_H

#include "modem/core.h"

void modem_jobs_init(struct modem *modem);
void modem_jobs_done(struct modem *modem);
/* A hook of the core. */
void modem_jobs_forget(struct modem *modem, enum modem_forget what);
/* True when an unsolicited line was for one of the jobs. */
bool modem_jobs_take_event(struct modem *modem, const char *line, const char *pdu);

/* Fills the members of the status that the jobs know. */
void modem_jobs_tell(const struct modem *modem, struct modem_status *ret);

/* A hook of the core: ends a message whose refusal was being explained. */
void modem_sms_settle(struct modem *modem);
/* Ready: the first round of questions, or what is left of one. */
void modem_sampler_resume(struct modem *modem);
/* The memory that the modem reads from is no longer known. */
void modem_inbound_lose_memory(struct modem *modem);
/* Says nothing, or the fault of the last message, or the most telling advice. */
void modem_say_health(struct modem *modem);

/* acknowledge.c: the modem gave a PDU directly */
void modem_acknowledge(struct modem *modem);

#endif
