/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/loop.h"
#include "modem/job/private.h"
#include "modem/start/start.h"

#include <stdlib.h>

/* In order of urgency. */
static const struct modem_job *const jobs[] = {&modem_sms_job,    &modem_acknowledge_job,
                                               &modem_centre_job, &modem_inbound_job,
                                               &modem_ussd_job,   &modem_sampler_job};
enum { JOBS = sizeof(jobs) / sizeof(jobs[0]) };

static bool is_urgent(const struct modem *modem, size_t i)
{
    return jobs[i]->is_urgent != NULL && jobs[i]->is_urgent(modem);
}

static bool run_job(struct modem *modem, size_t i)
{
    return jobs[i]->run != NULL && jobs[i]->run(modem);
}

bool job_is_any_urgent(const struct modem *modem)
{
    for (size_t i = 0; i < JOBS; i++)
        if (is_urgent(modem, i))
            return true;
    return false;
}

static void run_next(struct modem *modem)
{
    bool was_urgent = job_is_any_urgent(modem);
    for (size_t i = 0; i < JOBS; i++)
        if (is_urgent(modem, i) && run_job(modem, i))
            return;
    for (size_t i = 0; i < JOBS; i++)
        if (run_job(modem, i))
            return;
    if (was_urgent) /* and came to nothing: the message need not wait any more */
        loop_deferred_arm(modem->changed);
}

static void on_idle(void *user)
{
    struct modem *modem = user;
    if (modem->state != MODEM_READY || modem->use.is_reserved || modem->use.is_sending ||
        modem->use.is_checking || at_chat_is_busy(modem->chat))
        return;
    if (modem->doubts.is_restarted) /* the sign came while the command of a job waited */
        modem_enter(modem, MODEM_PROBING);
    else if (!registration_is_good(&modem->registration))
        modem_follow_registration(modem);
    else
        run_next(modem);
}

void job_poke(struct modem *modem)
{
    loop_deferred_arm(modem->jobs->idle);
}

void job_end_command(struct modem *modem)
{
    loop_deferred_arm(modem->changed);
    job_poke(modem);
}

void modem_jobs_init(struct modem *modem)
{
    modem->jobs = alloc_or_abort(sizeof(*modem->jobs));
    modem->jobs->idle = loop_add_deferred(modem->loop, LOOP_PRIORITY_IDLE, on_idle, modem);
    for (size_t i = 0; i < JOBS; i++)
        jobs[i]->init(modem);
}

void modem_jobs_done(struct modem *modem)
{
    for (size_t i = 0; i < JOBS; i++)
        jobs[i]->done(modem);
    loop_source_free(modem->jobs->idle);
    free(modem->jobs);
}

void modem_jobs_forget(struct modem *modem, enum modem_forget what)
{
    for (size_t i = 0; i < JOBS; i++)
        if (jobs[i]->forget != NULL)
            jobs[i]->forget(modem, what);
}

bool modem_jobs_take_event(struct modem *modem, const char *line, const char *pdu)
{
    for (size_t i = 0; i < JOBS; i++)
        if (jobs[i]->event != NULL && jobs[i]->event(modem, line, pdu))
            return true;
    return false;
}

void modem_jobs_tell(const struct modem *modem, struct modem_status *ret)
{
    for (size_t i = 0; i < JOBS; i++)
        if (jobs[i]->tell != NULL)
            jobs[i]->tell(modem, ret);
}
