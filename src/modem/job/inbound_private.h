/* SPDX-License-Identifier: EUPL-1.2 */
/* Messages that wait in the memories of one modem. Private to modem/job/inbound*.c. */
#ifndef CC_MODEM_JOB_INBOUND_PRIVATE_H
#define CC_MODEM_JOB_INBOUND_PRIVATE_H

#include "modem/job/private.h"

enum {
    INBOUND_SLOTS = 32,
    INBOUND_MEMORY_SIZE = 3,
    INBOUND_COMMAND_SIZE = 32,
    INBOUND_STAT_UNSENT = 2, /* from here on: drafts of the owner, which stay untouched */
};

/* A message in a memory of the modem. */
struct inbound_slot {
    char memory[INBOUND_MEMORY_SIZE];
    int index;
    uint64_t mark;  /* of what was read there; 0 = nothing yet */
    bool is_report; /* announced by +CDSI: it may be in the memory of the reports instead */
    bool is_guess;  /* no list and no announcement said that there is a message: inbound_walk.c */
};

enum inbound_step { INBOX_READING, INBOX_STORING, INBOX_DELETING };

/* Purpose of the command in flight; INBOX_NOTHING: its slot was forgotten meanwhile. */
enum inbound_asked { INBOX_NOTHING, INBOX_SLOT, INBOX_LIST };

/* Places read one by one, in a memory whose list is refused. */
struct inbound_walk {
    char memory[INBOUND_MEMORY_SIZE]; /* "" = no walk */
    int next, end;                    /* places still to be read */
    int left;                         /* messages that the memory still holds, as it said */
};

/* The lists of the memories. */
struct inbound_lists {
    size_t left; /* memories still to be listed */
    int64_t next_us;
    bool is_empty;  /* the memory has said so since the last list */
    int tight_used; /* of a memory that is nearly full, when a list was last asked for */
    bool has_overflowed, has_progressed; /* since that list: more than slots; some were deleted */
    size_t listed;                       /* messages, by the last list… */
    size_t listed_before;                /* …and by the list before, which overflowed */
    int mutes;                           /* lists in a row that were not answered */
    int64_t muted_us; /* time at which lists were given up; 0 = they are answered */
};

/* A message that was deleted: does a later list still show it? */
struct inbound_witness {
    struct inbound_slot slot; /* mark 0 = no witness */
    int age;                  /* lists since then */
    int lies;                 /* times that it was still there */
};

/* How fast messages are read. */
struct inbound_pace {
    int64_t minute_us; /* begin of the minute of the reads counted now */
    int reads;
    int64_t next_us; /* the next read does not come before */
};

/* Sentences that are logged once. */
struct inbound_said {
    bool unkept, undeletable, mute;
};

struct modem_inbox {
    struct loop *loop;
    struct loop_source *timer;
    struct inbound_slot slots[INBOUND_SLOTS];
    size_t count; /* the first is the one in hand */
    enum inbound_step step;
    enum inbound_asked asked;
    char asked_memory[INBOUND_MEMORY_SIZE];
    int tries;
    int64_t not_before_us;            /* of the one in hand */
    int64_t waiting_since_us;         /* for the line; 0 = nothing waits */
    char memory[INBOUND_MEMORY_SIZE]; /* memory that the modem reads from now; "" = not known */
    int mutes;                        /* commands in a row that were not answered */
    bool is_other_format; /* the last message was not in the format that was asked for */
    struct inbound_walk walk;
    struct inbound_lists lists;
    struct inbound_witness witness;
    struct inbound_pace pace;
    struct inbound_said said;
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
/* Tries the slot in hand again in this time. */
void inbound_again_in(struct modem_inbox *inbox, int64_t ms);
void inbound_send(struct modem *modem, const struct at_request *request);
/* True when the reply needs no more looking at: the line is gone or mute, or the card is busy. */
bool inbound_is_settled(struct modem *modem, const struct at_reply *reply);
/* The command has ended: a message goes first, then what is left here. */
void inbound_command_over(struct modem *modem);

/* inbound_list.c */
void inbound_list_within(struct modem_inbox *inbox, int64_t ms);
void inbound_want_lists(struct modem *modem);
/* There were more than slots for them: again at once, if it did any good. */
void inbound_list_rest(struct modem *modem);
/* A list was not answered. */
void inbound_note_mute_list(struct modem *modem);
/* Without lists for an hour; what is announced is still tried. */
void inbound_give_up_lists(struct modem *modem);
/* Asks where the messages of the chosen memory are. */
void inbound_list(struct modem *modem);
/* At 80 % of the memory something has been missed; once for each number it tells. */
void inbound_look_at_storage(struct modem *modem);

/* inbound_walk.c: places one by one, where a list is refused */
void inbound_walk_begin(struct modem *modem);
/* The answer to AT+CPMS: how many messages and places there are. */
void inbound_walk_sized(struct modem *modem, int used, int total);
/* Adds the next place to be read, or ends the walk. */
void inbound_walk_add(struct modem *modem);
/* The place in hand is empty: the next one, after a while. */
void inbound_walk_on(struct modem *modem);

/* inbound_event.c: an announcement, a direct message, or a full memory */
bool inbound_take_event(struct modem *modem, const char *line, const char *pdu);

/* inbound_slot.c */
/* Adds a slot, also one that is just being deleted: the next message may be there before the modem
 * tells that the slot is free. */
void inbound_add_slot(struct modem_inbox *inbox, const char *memory, int index);
void inbound_add_report(struct modem_inbox *inbox, const char *memory, int index);
void inbound_drop_first(struct modem *modem);
/* Leaves the message in the modem: the next list shows it again. */
void inbound_leave_behind(struct modem *modem);
void inbound_read_first(struct modem *modem);
void inbound_delete_first(struct modem *modem);

#endif
