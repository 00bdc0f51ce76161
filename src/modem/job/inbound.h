/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files of inbound share. Private to inbound*.c. */
#ifndef CC_MODEM_JOB_INBOUND_H
#define CC_MODEM_JOB_INBOUND_H

#include "modem/core.h"

enum {
    INBOUND_COMMAND_SIZE = 32,
    INBOUND_STAT_UNSENT = 2, /* from here on: drafts of ours, which nobody asked us to touch */
};

/* Listed in this order, from the last: where the next message will be is read last. */
extern const char *const inbound_memories[];
enum { INBOUND_MEMORIES = 2 };

/* Something was left behind: it is looked for again. */
enum { INBOUND_LIST_SOON_MS = 60 * 1000 };

/* inbound.c: one command at a time */
/* There is something to do, or will be at not_before_us. */
void inbound_work_arises(struct modem *modem);
/* The timer is that of the next list, or of what is tried again before it. */
void inbound_set_timer(struct modem_inbox *inbox);
/* What is in hand is tried again in this time. */
void inbound_again_in(struct modem_inbox *inbox, int64_t ms);
void inbound_send(struct modem *modem, const struct at_request *request);
/* True when the reply needs no more looking at: the line is gone or mute, or the card is busy. */
bool inbound_is_settled(struct modem *modem, const struct at_reply *reply);
/* The command has ended: a message goes first, then what is left here. */
void inbound_command_over(struct modem *modem);

/* inbound_list.c */
void inbound_list_within(struct modem_inbox *inbox, int64_t ms);
void inbound_want_lists(struct modem *modem);
/* A memory is full, or nearly: also when lists have been given up, but for a moment ago. */
void inbound_want_lists_now(struct modem *modem);
/* There were more than slots for them: again at once, if it did any good. */
void inbound_list_rest(struct modem *modem);
/* A list was not answered. */
void inbound_list_is_mute(struct modem *modem);
/* Without lists for an hour; what is announced is still tried. */
void inbound_give_up_lists(struct modem *modem);
/* Asks where the messages of the chosen memory are. */
void inbound_list(struct modem *modem);
/* At 80 % of the memory something has been missed; once for each number it tells. */
void inbound_look_at_storage(struct modem *modem);

/* inbound_walk.c: places one by one, where a list is refused */
void inbound_walk_begin(struct modem *modem);
/* The answer to AT+CPMS: how many messages and places there are. */
void inbound_walk_sized(struct modem *modem, const struct at_reply *reply);
/* Adds the next place to be read, or ends the walk. */
void inbound_walk_add(struct modem *modem);
/* The place in hand is empty: the next one, after a while. */
void inbound_walk_on(struct modem *modem);

/* inbound_slot.c */
/* One that is just being deleted may hold the next message before we hear that it is free. */
void inbound_add_slot(struct modem_inbox *inbox, const char *memory, int index);
void inbound_drop_first(struct modem *modem);
/* It stays in the modem: the next list shows it again. */
void inbound_leave_behind(struct modem *modem);
void inbound_read_first(struct modem *modem);
void inbound_delete_first(struct modem *modem);

#endif
