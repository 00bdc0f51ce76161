/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The message centre that a person has given: written to the card, which keeps it, and read back.
 * Goes before the next message, which would fail without it. Source: 3GPP TS 27.005 3.3.1.
 */
#include "modem/job/private.h"

#include "base/loop.h"
#include "base/span.h"
#include "modem/recover/recover.h"
#include "modem/start/start.h"
#include "modem/tell/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ASK_MS = 10000,
    WHOLE_MS = 60000, /* with the look at a card that was blocked */
    COMMAND_SIZE = 48,
    INTERNATIONAL = 145,
};

struct modem_centre {
    struct loop_source *timer;
    enum modem_centre_step step;
    enum cc_err err; /* of MODEM_CENTRE_FAILED */
    bool is_waiting; /* its command has not gone yet */
    char number[MODEM_SMSC_SIZE];
};

static void end_centre(struct modem *modem, enum cc_err err)
{
    struct modem_centre *centre = modem->jobs->centre;
    loop_timer_clear(centre->timer);
    centre->is_waiting = false;
    if (centre->step != MODEM_CENTRE_WRITING)
        return;
    centre->step = err == CC_OK ? MODEM_CENTRE_SET : MODEM_CENTRE_FAILED;
    centre->err = err;
    if (err == CC_OK)
        log_notice("módem %s: el centro de mensajes queda escrito en la SIM", modem->config.name);
    else
        log_warning("módem %s: el centro de mensajes no se ha podido poner: %s", modem->config.name,
                    err_text(err));
    loop_deferred_arm(modem->changed);
}

static void on_timer(void *user)
{
    end_centre(user, CC_ERR_NO_ANSWER);
}

/* True when the reply ends the act: the line is lost, or the modem mute. */
static bool is_over(struct modem *modem, const struct at_reply *reply)
{
    if (reply->result == AT_RESULT_TIMEOUT) {
        end_centre(modem, CC_ERR_NO_ANSWER);
        modem_resync(modem);
    }
    return reply->result == AT_RESULT_LOST || reply->result == AT_RESULT_TIMEOUT;
}

static void on_told(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (is_over(modem, reply))
        return;
    modem->sample.smsc[0] = '\0';
    if (reply->line_count > 0)
        (void)reading_smsc(&modem->sample, reply->lines[0], 0);
    bool is_kept = reading_is_same_centre(modem->sample.smsc, modem->jobs->centre->number);
    if (is_kept)
        job_note_centre(modem);
    end_centre(modem, is_kept ? CC_OK : CC_ERR_CENTRE_REFUSED);
    modem_say_health(modem);
    job_end_command(modem);
}

static void on_written(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (is_over(modem, reply))
        return;
    modem_command(modem, &(struct at_request){.command = "AT+CSCA?",
                                              .prefix = "+CSCA:",
                                              .final_ms = ASK_MS,
                                              .fn = on_told,
                                              .user = modem});
}

static bool run_centre(struct modem *modem)
{
    struct modem_centre *centre = modem->jobs->centre;
    char command[COMMAND_SIZE];
    if (!centre->is_waiting)
        return false;
    centre->is_waiting = false;
    (void)snprintf(command, sizeof(command), "AT+CSCA=\"%s\",%d", centre->number, INTERNATIONAL);
    modem_command(modem,
                  &(struct at_request){
                      .command = command, .final_ms = ASK_MS, .fn = on_written, .user = modem});
    return true;
}

static bool is_urgent(const struct modem *modem)
{
    return modem->jobs->centre->is_waiting;
}

/* Blocked by what a message met, not by the card itself: a new centre may be the cure. */
static bool is_blocked_by_sending(const struct modem *modem)
{
    return modem->state == MODEM_BLOCKED && modem->shown.blocked_as == NULL;
}

enum cc_err modem_check_centre(const struct modem *modem, const char *number)
{
    const char *fixed = modem->config.smsc != NULL ? modem->config.smsc : "";
    if (fixed[0] != '\0' && strcmp(fixed, number) != 0)
        return CC_ERR_CENTRE_FIXED;
    if (modem->jobs->centre->step == MODEM_CENTRE_WRITING)
        return CC_ERR_BUSY;
    if (modem->state != MODEM_READY && !is_blocked_by_sending(modem))
        return CC_ERR_MODEM_NOT_READY;
    return CC_OK;
}

enum cc_err modem_set_centre(struct modem *modem, const char *number)
{
    struct modem_centre *centre = modem->jobs->centre;
    enum cc_err err = modem_check_centre(modem, number);
    if (err != CC_OK)
        return err;
    (void)snprintf(centre->number, sizeof(centre->number), "%s", number);
    centre->step = MODEM_CENTRE_WRITING;
    centre->err = CC_OK;
    centre->is_waiting = true;
    loop_timer_in(centre->timer, WHOLE_MS * US_PER_MS);
    if (modem->state == MODEM_BLOCKED)
        modem_look_again(modem);
    job_poke(modem);
    return CC_OK;
}

enum modem_centre_step modem_centre_step(const struct modem *modem, enum cc_err *ret_err)
{
    *ret_err = modem->jobs->centre->err;
    return modem->jobs->centre->step;
}

static void init_centre(struct modem *modem)
{
    modem->jobs->centre = alloc_or_abort(sizeof(*modem->jobs->centre));
    modem->jobs->centre->timer = loop_add_timer(modem->loop, LOOP_PRIORITY_NORMAL, on_timer, modem);
}

static void free_centre(struct modem *modem)
{
    loop_source_free(modem->jobs->centre->timer);
    free(modem->jobs->centre);
}

static void forget_centre(struct modem *modem, enum modem_forget what)
{
    if (what == MODEM_FORGET_LINE)
        end_centre(modem, CC_ERR_LOST);
}

const struct modem_job modem_centre_job = {
    .init = init_centre,
    .done = free_centre,
    .forget = forget_centre,
    .run = run_centre,
    .is_urgent = is_urgent,
};
