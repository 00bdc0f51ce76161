/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Acknowledges what is given directly (+CDS, +CMT) to a modem that has refused AT+CSMS=0: without
 * an AT+CNMA it gives nothing more, and the network repeats what it gave. A modem that refuses that
 * too wants none. Source: 3GPP TS 27.005 3.4.4, 4.7.
 */
#include "modem/job/private.h"

#include "modem/recover/recover.h"
#include "modem/start/start.h"

#include <stdlib.h>

enum { ASK_MS = 5000 };

struct modem_acknowledge {
    unsigned due;    /* acknowledgements */
    bool is_refused; /* the modem wants none */
};

static void on_acknowledged(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_acknowledge *acknowledge = modem->jobs->acknowledge;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_OK && acknowledge->due > 0) {
        acknowledge->due--;
    } else {
        acknowledge->is_refused = true;
        acknowledge->due = 0;
    }
    if (reply->result == AT_RESULT_TIMEOUT)
        modem_resync(modem);
    else
        job_end_command(modem);
}

static bool run_acknowledge(struct modem *modem)
{
    if (modem->jobs->acknowledge->due == 0)
        return false;
    modem_command(
        modem, &(struct at_request){
                   .command = "AT+CNMA", .final_ms = ASK_MS, .fn = on_acknowledged, .user = modem});
    return true;
}

static bool is_urgent(const struct modem *modem)
{
    return modem->jobs->acknowledge->due > 0;
}

void modem_acknowledge(struct modem *modem)
{
    struct modem_acknowledge *acknowledge = modem->jobs->acknowledge;
    if (acknowledge->is_refused || !modem_wants_acknowledgement(modem))
        return;
    acknowledge->due++;
    job_poke(modem);
}

static void init_acknowledge(struct modem *modem)
{
    modem->jobs->acknowledge = alloc_or_abort(sizeof(*modem->jobs->acknowledge));
}

static void free_acknowledge(struct modem *modem)
{
    free(modem->jobs->acknowledge);
}

static void forget_acknowledge(struct modem *modem, enum modem_forget what)
{
    (void)what;
    *modem->jobs->acknowledge = (struct modem_acknowledge){.due = 0};
}

const struct modem_job modem_acknowledge_job = {
    .init = init_acknowledge,
    .done = free_acknowledge,
    .forget = forget_acknowledge,
    .run = run_acknowledge,
    .is_urgent = is_urgent,
};
