/* SPDX-License-Identifier: EUPL-1.2 */
/* The jobs of a ready modem; each keeps a struct of its own in its file. Private to modem/job. */
#ifndef CC_MODEM_JOB_PRIVATE_H
#define CC_MODEM_JOB_PRIVATE_H

#include "base/alloc.h"
#include "modem/job/job.h"

/* A job that runs while the modem is idle. A member that a job leaves out does nothing. */
struct modem_job {
    void (*init)(struct modem *modem);
    void (*done)(struct modem *modem);
    void (*forget)(struct modem *modem, enum modem_forget what);
    /* Takes an unsolicited line, and the PDU that came with it (NULL = none); true = it was its. */
    bool (*event)(struct modem *modem, const char *line, const char *pdu);
    /* Starts one command, whose end calls job_end_command(); false = there is nothing to do. */
    bool (*run)(struct modem *modem);
    /* Has waited too long behind messages: one command goes before the next message. */
    bool (*is_urgent)(const struct modem *modem);
    /* Fills its members of the status. */
    void (*tell)(const struct modem *modem, struct modem_status *ret);
};

extern const struct modem_job modem_sms_job; /* runs only when it is told to */
extern const struct modem_job modem_acknowledge_job;
extern const struct modem_job modem_centre_job;
extern const struct modem_job modem_inbound_job;
extern const struct modem_job modem_ussd_job;
extern const struct modem_job modem_sampler_job;

struct modem_jobs {
    struct loop_source *idle; /* something may be left to do */
    struct modem_send *send;
    struct modem_acknowledge *acknowledge;
    struct modem_inbox *inbox;
    struct modem_centre *centre;
    struct modem_ussd *ussd;
    struct modem_sampler *sampler;
};

/* jobs.c */
/* There may be something to do: looked at when everything else of this turn is done. */
void job_poke(struct modem *modem);
/* The command of a job has ended: a message goes first, then the next job. */
void job_end_command(struct modem *modem);
bool job_is_any_urgent(const struct modem *modem);

/* sampler.c: Spanish: what a person should do about what the last round told; "" = nothing */
const char *job_sample_advice(const struct modem *modem);

/* The card has the message centre that the sample names. */
void job_note_centre(struct modem *modem);

/* inbound.c, inbound_list.c */
/* The modem says that messages are deleted, and shows them again, time after time. */
bool job_is_inbound_lying(const struct modem *modem);
/* A memory is full, or nearly: all memories are listed and emptied, also when lists have been given
 * up, but for a moment ago. */
void job_sweep_inbound(struct modem *modem);

#endif
