/* SPDX-License-Identifier: EUPL-1.2 */
/* The lists of the memories: when one is wanted, and what it shows. Source: 3GPP TS 27.005 4.1. */
#include "modem/inbound.h"

#include "at/fields.h"
#include "base/clock.h"

enum {
    LIST_MS = 20000, /* MODEMS 3 */
    LIST_EVERY_MS = 10 * 60 * 1000,
    TIGHT_PERCENT = 80,
};

void inbound_list_within(struct modem_inbox *inbox, int64_t ms)
{
    int64_t at_us = clock_mono_us() + ms * MODEM_MS;
    if (inbox->next_list_us == 0 || at_us < inbox->next_list_us)
        inbox->next_list_us = at_us;
    inbound_set_timer(inbox);
}

void inbound_want_lists(struct modem *modem)
{
    struct modem_inbox *inbox = &modem->inbox;
    inbox->next_list_us = 0;
    inbound_list_within(inbox, LIST_EVERY_MS);
    if (inbox->is_mute)
        return;
    inbox->lists = INBOUND_MEMORIES;
    inbox->overflowed = inbox->progressed = false;
    inbound_work_arises(modem);
}

void modem_inbound_sweep(struct modem *modem)
{
    inbound_want_lists(modem);
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
    if (stat < INBOUND_STAT_UNSENT)
        inbound_add_slot(&modem->inbox, modem->inbox.memory, index);
}

static void on_list_end(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (inbound_is_settled(modem, reply))
        return;
    modem->inbox.tries = 0;
    modem->inbox.lists--;
    inbound_command_over(modem);
}

void inbound_list(struct modem *modem)
{
    inbound_send(modem, &(struct at_request){.command = "AT+CMGL=4",
                                             .line_fn = on_listed,
                                             .final_ms = LIST_MS,
                                             .fn = on_list_end});
}

void inbound_look_at_storage(struct modem *modem)
{
    int used = modem->sample.storage_used, total = modem->sample.storage_total;
    bool is_tight = total > 0 && used >= 0 && used <= total && used >= total * TIGHT_PERCENT / 100;
    if (is_tight && used != modem->inbox.tight_used)
        inbound_want_lists(modem);
    modem->inbox.tight_used = is_tight ? used : 0;
}
