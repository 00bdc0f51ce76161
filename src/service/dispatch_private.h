/* SPDX-License-Identifier: EUPL-1.2 */
/* State shared by the files of the dispatcher. Private to them. */
#ifndef CC_SERVICE_DISPATCH_PRIVATE_H
#define CC_SERVICE_DISPATCH_PRIVATE_H

#include "service/dispatch.h"
#include "service/suspect.h"
#include "store/outbox.h"

enum {
    DISPATCH_SLOTS = 2 * POOL_MAX,    /* per modem, a message being sent and a message loaded */
    DISPATCH_SHORTEST_WAIT_MS = 1000, /* due, but no modem: its own event will come */
    DISPATCH_TICK_US = 20000,         /* outcomes and reports are written at multiples of it */
    DISPATCH_JITTER_US = 2000,        /* the longest wait of a hand-over after its commit */
    DISPATCH_REPORTS = 1024,          /* status reports that are not durable yet */
};

/* An outcome that is not durable yet: kept until a commit has taken it. */
struct outcome {
    bool is_open;   /* there is one */
    bool in_turn;   /* written, its commit is awaited */
    bool is_failed; /* not written: nothing more is sent until it is */
    struct outbox_message message;
    struct modem_result result;
    struct modem *modem;
    bool has_other; /* another modem was ready just then */
};

enum slot_state {
    SLOT_FREE,
    SLOT_CLAIMING, /* its commit is awaited */
    SLOT_LOADED,   /* durably this modem's: goes as soon as it can */
    SLOT_SENDING,
    SLOT_RETURNING, /* it is back in the queue when this commit was taken */
    SLOT_LOST,      /* whether its claim was committed is not known: it was not sent */
    SLOT_SETTLING,  /* … and it is back in the queue when this commit was taken */
};

/*
 * A message in the hands of a modem. While one is being sent the next is claimed already, so that
 * no commit stands between the two: on a slow card that would be a tenth of the line's time.
 */
struct slot {
    struct dispatch *dispatch;
    struct modem *modem;
    enum slot_state state;
    bool is_reserved;  /* the modem is kept for it */
    int64_t go_us;     /* loaded: the earliest hand-over… */
    int64_t latest_us; /* … and when it waits for no answer any more */
    struct outbox_message message;
    bool has_early; /* its report overtook the +CMGS reply, or came though that was lost */
    struct gsm_report early;
    struct outcome outcome; /* of the message before, while this one is being claimed */
};

/* A status report that is not durable yet: it waits for the tick, and until a commit has taken it.
 */
struct waiting_report {
    struct dispatch *dispatch;
    struct modem *modem; /* NULL = this place is free */
    struct gsm_report report;
    bool is_kept; /* the modem keeps it until it is durable here */
    bool in_turn; /* written, its commit is awaited */
};

struct dispatch {
    struct service *service;
    struct pool *pool;
    struct loop_source *due;   /* something becomes due */
    int64_t due_us;            /* when that timer fires; 0 = it is off */
    struct loop_source *sweep; /* old rows: also when nothing is ever due */
    struct loop_source *go;    /* sends the claimed messages */
    struct loop_source *go_in; /* … after its jitter */
    struct loop_source *tick;  /* outcomes and reports are written; off while there are none */
    bool is_ticking;
    bool awaits_turn;         /* hand-overs follow the answers of the turn that is open */
    int64_t busy_us;          /* when a modem last ended a message */
    struct loop_source *beat; /* boxes_beat(); NULL in a database of one box */
    bool tells_sending;       /* the last beat said that this box can send */
    struct loop_source *idle_source;
    loop_fn idle;
    void *idle_user;
    bool draining;
    unsigned turns;                    /* messages handed out: whose turn it is */
    size_t recalled;                   /* modems whose pace of before the start is known */
    struct suspect suspects[POOL_MAX]; /* in the pool's order */
    struct slot slots[DISPATCH_SLOTS];
    struct waiting_report reports[DISPATCH_REPORTS];
    size_t report_end; /* behind the last place that is taken */
};

/* dispatch_boxes.c */
void dispatch_boxes_start(struct dispatch *dispatch);
/* Tells the other boxes at once that this one can send, where the last beat said that it cannot. */
void dispatch_boxes_look(struct dispatch *dispatch);

/* dispatch.c */
/* Looks again in this time; an earlier look that is due stays. */
void dispatch_wake_in(struct dispatch *dispatch, int64_t wait_ms);
/* The first in this state; modem NULL = of any. */
struct slot *dispatch_find_slot(struct dispatch *dispatch, enum slot_state state,
                                const struct modem *modem);
void dispatch_free_slot(struct slot *slot);

/* dispatch_out.c */
/* Gives each modem that can take one its next message. Inside the turn, before its commit. */
void dispatch_claim(struct dispatch *dispatch, int64_t now_ms);
/* Whether a further message is claimed for this modem. */
bool dispatch_has_next(struct dispatch *dispatch, const struct modem *modem);
/* Sends what is loaded, or puts it back. */
void dispatch_go(void *dispatch);

/* dispatch_back.c */
/* Writes down every outcome and report that waits. */
void dispatch_record_all(void *dispatch);

#endif
