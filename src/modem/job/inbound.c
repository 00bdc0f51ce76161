/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Inbound messages: announced (+CMTI, +CDSI), found by a list of the memories, or given directly
 * (+CMT). Each stored message is read, handed over, and deleted when it is durable (DESIGN decision
 * 2): its slot of the card is freed also when it cannot be understood, or such messages would one
 * day fill the card. Source: 3GPP TS 27.005 3.2.2 (CPMS), 3.4.1 (CMTI, CDSI, CMT), 4.1, 4.2; MODEMS
 * 1 #17-19.
 */
#include "modem/job/inbound_private.h"
#include "modem/recover/recover.h"
#include "modem/start/start.h"

#include "at/fields.h"
#include "base/loop.h"
#include "base/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SWITCH_MS = 5000, /* MODEMS 3 */
    BUSY_MS = 1500,
    BUSY_TRIES = 20,
    MUTES_MAX = 3,
    URGENT_MS = 10 * 1000, /* a full memory takes no more: wait no longer behind messages */
};

const char *const inbound_memories[INBOUND_MEMORIES] = {"SM", "ME"};

static const char *wanted_memory(const struct modem_inbox *inbox)
{
    if (inbox->count > 0)
        return inbox->slots[0].memory;
    return inbox->walk.memory[0] != '\0' ? inbox->walk.memory
                                         : inbound_memories[inbox->lists.left - 1];
}

static bool has_any(const struct modem_inbox *inbox)
{
    return inbox->count > 0 || inbox->lists.left > 0 || inbox->walk.memory[0] != '\0';
}

static bool has_work(const struct modem_inbox *inbox)
{
    if (inbox->step == INBOX_STORING || loop_now_us(inbox->loop) < inbox->not_before_us)
        return false;
    return has_any(inbox);
}

static bool is_urgent(const struct modem *modem)
{
    const struct modem_inbox *inbox = modem->jobs->inbox;
    return inbox->waiting_since_us != 0 && has_work(inbox) &&
           loop_now_us(inbox->loop) - inbox->waiting_since_us > URGENT_MS * US_PER_MS;
}

void inbound_set_timer(struct modem_inbox *inbox)
{
    bool is_waiting = has_any(inbox) && inbox->not_before_us > loop_now_us(inbox->loop);
    loop_timer_set(inbox->timer, is_waiting ? inbox->not_before_us : inbox->lists.next_us);
}

void inbound_work_arises(struct modem *modem)
{
    if (modem->jobs->inbox->waiting_since_us == 0)
        modem->jobs->inbox->waiting_since_us = loop_now_us(modem->loop);
    inbound_set_timer(modem->jobs->inbox);
    job_poke(modem);
}

void inbound_again_in(struct modem_inbox *inbox, int64_t ms)
{
    inbox->not_before_us = loop_now_us(inbox->loop) + ms * US_PER_MS;
    inbound_set_timer(inbox);
}

static void on_timer(void *user)
{
    struct modem *modem = user;
    if (loop_now_us(modem->loop) >= modem->jobs->inbox->lists.next_us)
        inbound_want_lists(modem);
    inbound_work_arises(modem);
}

/* ---- one command at a time -------------------------------------------------------------------*/

void inbound_command_over(struct modem *modem)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    bool is_halfway = inbox->count > 0 && inbox->step != INBOX_READING; /* the wait is over */
    if (!is_halfway)
        inbox->waiting_since_us = has_work(inbox) ? loop_now_us(inbox->loop) : 0;
    job_end_command(modem);
}

static void give_up(struct modem *modem)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    if (inbox->asked == INBOX_SLOT)
        inbound_leave_behind(modem);
    else if (inbox->walk.memory[0] != '\0')
        inbox->walk.memory[0] = '\0';
    else if (inbox->lists.left > 0)
        inbox->lists.left--;
}

static void on_mute(struct modem *modem)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    inbox->memory[0] = '\0';
    inbox->mutes++;
    give_up(modem);
    if (inbox->asked == INBOX_LIST)
        inbound_note_mute_list(modem);
    else if (inbox->mutes == MUTES_MAX)
        inbound_give_up_lists(modem);
    modem_resync(modem);
}

/* Handles a reply to a command sent before the modem restarted: its answer counts no longer. */
static bool is_of_the_past(struct modem *modem, const struct at_reply *reply)
{
    if (modem->jobs->inbox->asked != INBOX_NOTHING)
        return false;
    if (reply->result == AT_RESULT_TIMEOUT)
        modem_resync(modem);
    else
        job_end_command(modem);
    return true;
}

bool inbound_is_settled(struct modem *modem, const struct at_reply *reply)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    if (reply->result == AT_RESULT_LOST) /* all is forgotten with the line */
        return true;
    if (is_of_the_past(modem, reply))
        return true;
    if (reply->result == AT_RESULT_TIMEOUT) {
        on_mute(modem);
        return true;
    }
    inbox->mutes = 0;
    if (!modem_reply_is_busy(reply) || inbox->tries++ >= BUSY_TRIES)
        return false;
    inbound_again_in(inbox, BUSY_MS);
    inbound_command_over(modem);
    return true;
}

void inbound_send(struct modem *modem, const struct at_request *what)
{
    struct at_request request = *what;
    request.user = modem;
    modem_command(modem, &request);
}

/* +CPMS: <used>,<total> of the memory that was chosen (27.005 3.2.2). */
static void take_size(struct modem *modem, const struct at_reply *reply)
{
    struct at_fields fields;
    int used = 0, total = 0;
    if (reply->line_count == 0 || !at_fields_init(&fields, reply->lines[0], "+CPMS:") ||
        !at_fields_int(&fields, &used) || !at_fields_int(&fields, &total) || used < 0 || total < 0)
        return;
    modem->jobs->inbox->lists.is_empty = used == 0;
    inbound_walk_sized(modem, used, total);
}

static void on_switched(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_inbox *inbox = modem->jobs->inbox;
    if (inbound_is_settled(modem, reply))
        return;
    inbox->tries = 0;
    /* a modem that has never let one be chosen has one memory */
    if (reply->result == AT_RESULT_OK || !modem_has_memories(modem)) {
        memcpy(inbox->memory, inbox->asked_memory, sizeof(inbox->memory));
        take_size(modem, reply);
        job_end_command(modem); /* the waiting work has waited already */
        return;
    }
    give_up(modem); /* the modem lacks the memory */
    inbound_command_over(modem);
}

/* The first alone: the other two are for what is written and received. */
static void switch_memory(struct modem *modem)
{
    char command[INBOUND_COMMAND_SIZE];
    (void)snprintf(command, sizeof(command), "AT+CPMS=\"%s\"", modem->jobs->inbox->asked_memory);
    inbound_send(modem, &(struct at_request){.command = command,
                                             .prefix = "+CPMS:",
                                             .wants_lines = true,
                                             .final_ms = SWITCH_MS,
                                             .fn = on_switched});
}

/* ---- the job ----------------------------------------------------------------------------------*/

static bool run_inbound(struct modem *modem)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    inbound_look_at_storage(modem);
    inbound_walk_add(modem);
    if (!has_work(inbox))
        return false;
    inbox->asked = inbox->count > 0 ? INBOX_SLOT : INBOX_LIST;
    memcpy(inbox->asked_memory, wanted_memory(inbox), sizeof(inbox->asked_memory));
    if (strcmp(inbox->memory, inbox->asked_memory) != 0)
        switch_memory(modem);
    else if (inbox->count == 0)
        inbound_list(modem);
    else if (inbox->step == INBOX_DELETING)
        inbound_delete_first(modem);
    else
        inbound_read_first(modem);
    return true;
}

void modem_inbound_done(struct modem *modem, bool is_durable)
{
    if (modem->jobs->inbox->count == 0 || modem->jobs->inbox->step != INBOX_STORING)
        return; /* its line was lost meanwhile: the list will show it again */
    if (is_durable)
        modem->jobs->inbox->step = INBOX_DELETING;
    else
        inbound_leave_behind(modem);
    inbound_work_arises(modem);
}

static void init_inbound(struct modem *modem)
{
    modem->jobs->inbox = alloc_or_abort(sizeof(*modem->jobs->inbox));
    modem->jobs->inbox->loop = modem->loop;
    modem->jobs->inbox->timer = loop_add_timer(modem->loop, LOOP_PRIORITY_NORMAL, on_timer, modem);
    inbound_want_lists(modem);
}

static void free_inbound(struct modem *modem)
{
    loop_source_free(modem->jobs->inbox->timer);
    free(modem->jobs->inbox);
}

/* Another line or another card: all slots count no longer, and the memories are listed. */
static void forget_inbound(struct modem *modem, enum modem_forget what)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    if (what == MODEM_FORGET_ANSWERS)
        return;
    *inbox = (struct modem_inbox){.loop = inbox->loop, .timer = inbox->timer, .said = inbox->said};
    inbound_want_lists(modem);
}

void modem_inbound_lose_memory(struct modem *modem)
{
    modem->jobs->inbox->memory[0] = '\0';
}

const struct modem_job modem_inbound_job = {
    .init = init_inbound,
    .done = free_inbound,
    .forget = forget_inbound,
    .event = inbound_take_event,
    .run = run_inbound,
    .is_urgent = is_urgent,
};
