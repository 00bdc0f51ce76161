/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a ready modem does when it has nothing to send, one command at a time: between two of them
 * a message that waits goes first, so that no poll ever stands before it (MODEMS 1 #4).
 */
#include "modem/private.h"

/* In order of urgency. Each starts one command, whose end calls modem_job_over(); false = it has
 * nothing to do. */
static bool (*const jobs[])(struct modem *modem) = {
    modem_inbound_job,
    modem_ussd_job,
    modem_sample_job,
};

static void run_one(struct modem *modem)
{
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
        if (jobs[i](modem))
            return;
}

void modem_jobs_idle(void *user)
{
    struct modem *modem = user;
    if (modem->state != MODEM_READY || modem->reserved || modem->send.active ||
        at_chat_is_busy(modem->chat))
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
