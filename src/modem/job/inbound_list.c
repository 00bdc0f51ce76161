/* SPDX-License-Identifier: EUPL-1.2 */
/* The lists of the memories: when one is wanted, and what it shows. Source: 3GPP TS 27.005 4.1. */
#include "modem/job/inbound_private.h"

#include "at/fields.h"
#include "base/loop.h"
#include "base/span.h"

enum {
    LIST_MS = 20000, /* MODEMS 3 */
    LIST_EVERY_MS = 10 * 60 * 1000,
    TIGHT_PERCENT = 80,
    LIST_MUTES_MAX = 2, /* in a row: one may be a modem that was busy with something else */
    MUTE_MS = 60 * 60 * 1000,
    MUTE_FULL_MS = 60 * 1000, /* a full memory is worth a try, but not one after the other */
};

void inbound_list_within(struct modem_inbox *inbox, int64_t ms)
{
    int64_t at_us = loop_now_us(inbox->loop) + ms * US_PER_MS;
    if (inbox->lists.next_us == 0 || at_us < inbox->lists.next_us)
        inbox->lists.next_us = at_us;
    inbound_set_timer(inbox);
}

static void want_lists(struct modem *modem, int64_t mute_ms)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    inbox->lists.next_us = 0;
    inbound_list_within(inbox, LIST_EVERY_MS);
    if (inbox->lists.muted_us != 0 &&
        loop_now_us(inbox->loop) - inbox->lists.muted_us < mute_ms * US_PER_MS)
        return;
    inbox->lists.muted_us = 0;
    inbox->lists.left = INBOUND_MEMORIES;
    inbox->lists.has_overflowed = inbox->lists.has_progressed = false;
    inbox->lists.listed_before = SIZE_MAX;
    inbound_work_arises(modem);
}

void inbound_want_lists(struct modem *modem)
{
    want_lists(modem, MUTE_MS);
}

void job_sweep_inbound(struct modem *modem)
{
    want_lists(modem, MUTE_FULL_MS);
}

/* A memory that says OK and deletes nothing would be listed for ever. */
void inbound_list_rest(struct modem *modem)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    size_t listed = inbox->lists.listed;
    if (!inbox->lists.has_progressed || listed >= inbox->lists.listed_before) {
        inbox->lists.has_overflowed = false;
        inbound_list_within(inbox, INBOUND_LIST_SOON_MS);
        return;
    }
    inbound_want_lists(modem);
    inbox->lists.listed_before = listed;
}

void inbound_give_up_lists(struct modem *modem)
{
    struct modem_inbox *inbox = modem->jobs->inbox;
    inbox->lists.left = 0;
    inbox->walk.memory[0] = '\0';
    inbox->lists.muted_us = loop_now_us(inbox->loop);
    if (!inbox->said.mute)
        log_warning("módem %s: no contesta cuando se le pide la lista de sus SMS; se le volverá a "
                    "pedir dentro de una hora. Si los SMS no llegan, vacíe la memoria de la SIM o "
                    "cambie de módem.",
                    modem->config.name);
    inbox->said.mute = true;
}

void inbound_note_mute_list(struct modem *modem)
{
    if (++modem->jobs->inbox->lists.mutes >= LIST_MUTES_MAX)
        inbound_give_up_lists(modem);
    else
        inbound_list_within(modem->jobs->inbox, INBOUND_LIST_SOON_MS);
}

/* Only where they are; each is then read by itself, so that one that cannot be read is known. */
static void on_listed(const char *line, void *user)
{
    struct modem *modem = user;
    struct at_fields fields;
    int index = -1, stat = 0;
    if (!at_fields_init(&fields, line, "+CMGL:") || !at_fields_int(&fields, &index) || index < 0)
        return;
    (void)at_fields_int(&fields, &stat);
    if (stat >= INBOUND_STAT_UNSENT)
        return;
    modem->jobs->inbox->lists.listed++;
    inbound_add_slot(modem->jobs->inbox, modem->jobs->inbox->memory, index);
}

static void on_list_end(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_inbox *inbox = modem->jobs->inbox;
    if (inbound_is_settled(modem, reply))
        return;
    inbox->tries = inbox->lists.mutes = 0;
    if (reply->result == AT_RESULT_ERROR)
        inbound_walk_begin(modem);
    if (inbox->lists.left > 0)
        inbox->lists.left--;
    if (inbox->lists.left == 0 && ++inbox->witness.age > 1) { /* witness gone */
        inbox->witness.slot.mark = 0;
        inbox->witness.lies = 0;
    }
    inbound_command_over(modem);
}

/* Behind the OK of a memory that has just said that it is empty, no line is waited for. */
void inbound_list(struct modem *modem)
{
    struct inbound_lists *lists = &modem->jobs->inbox->lists;
    bool has_lines = !lists->is_empty;
    lists->listed = 0;
    lists->is_empty = false;
    inbound_send(modem, &(struct at_request){.command = "AT+CMGL=4",
                                             .wants_lines = has_lines,
                                             .line_fn = on_listed,
                                             .final_ms = LIST_MS,
                                             .fn = on_list_end});
}

void inbound_look_at_storage(struct modem *modem)
{
    int used = modem->sample.storage_used, total = modem->sample.storage_total;
    bool is_tight = total > 0 && used >= 0 && used <= total && used >= total * TIGHT_PERCENT / 100;
    if (is_tight && used != modem->jobs->inbox->lists.tight_used)
        job_sweep_inbound(modem);
    modem->jobs->inbox->lists.tight_used = is_tight ? used : 0;
}
