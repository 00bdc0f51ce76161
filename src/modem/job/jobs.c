/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a ready modem does when it has nothing to send, one command at a time: between two of them
 * a message that waits goes first, so that no poll ever stands before it (MODEMS 1 #4).
 */
#include "modem/core.h"

/* In order of urgency. Each starts one command, whose end calls modem_job_over(); false = it has
 * nothing to do. */
static const struct job {
    bool (*run)(struct modem *modem);
    bool (*is_urgent)(const struct modem *modem); /* one command, between two messages */
} jobs[] = {
    {modem_inbound_job, modem_inbound_is_urgent},
    {modem_ussd_job, modem_ussd_is_urgent},
    {modem_sample_job, modem_sample_is_urgent},
};
enum { JOBS = sizeof(jobs) / sizeof(jobs[0]) };

bool modem_jobs_are_urgent(const struct modem *modem)
{
    for (size_t i = 0; i < JOBS; i++)
        if (jobs[i].is_urgent(modem))
            return true;
    return false;
}

static void run_one(struct modem *modem)
{
    bool was_urgent = modem_jobs_are_urgent(modem);
    for (size_t i = 0; i < JOBS; i++)
        if (jobs[i].is_urgent(modem) && jobs[i].run(modem))
            return;
    for (size_t i = 0; i < JOBS; i++)
        if (jobs[i].run(modem))
            return;
    if (was_urgent) /* and came to nothing: the message need not wait any more */
        loop_deferred_arm(modem->changed);
}

void modem_jobs_idle(void *user)
{
    struct modem *modem = user;
    if (modem->state != MODEM_READY || modem->reserved || modem->send.active ||
        modem->is_checking || at_chat_is_busy(modem->chat))
        return;
    if (modem->restarted) /* what came while a job's command waited */
        modem_enter(modem, MODEM_PROBING);
    else if (!modem_is_registered(modem))
        modem_registration_changed(modem);
    else
        run_one(modem);
}

void modem_jobs_poke(struct modem *modem)
{
    loop_deferred_arm(modem->idle);
}

void modem_job_over(struct modem *modem)
{
    loop_deferred_arm(modem->changed);
    modem_jobs_poke(modem);
}
