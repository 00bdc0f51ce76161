/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The state of one modem that its groups (tell, find, recover, start, job) share, and the few acts
 * on it. Each group keeps a struct of its own, which only that group can open. Private to modem/.
 */
#ifndef CC_MODEM_CORE_H
#define CC_MODEM_CORE_H

#include "at/chat.h"
#include "base/log.h"
#include "link/tape.h"
#include "modem/driver.h"
#include "modem/modem.h"
#include "modem/tell/flap.h"
#include "modem/tell/nonsense.h"
#include "modem/tell/patience.h"
#include "modem/tell/registration.h"
#include "modem/tell/restarts.h"

enum { MODEM_DETAIL_SIZE = 256, MODEM_USB_SIZE = 64 };
enum modem_fact { FACT_MANUFACTURER, FACT_MODEL, FACT_FIRMWARE, FACT_COUNT };

/* Purpose of the state's timer, for the events that may end it early. */
enum modem_wait {
    MODEM_WAIT_OTHER,      /* nothing that an event changes */
    MODEM_WAIT_QUIET_LINE, /* probing: a late answer may still pass by */
    MODEM_WAIT_ROW,        /* start-up: a refused command is sent again, or all of them */
    MODEM_WAIT_NETWORK,    /* registering: the networks are asked again */
};

/* Parts of what was learned of the modem that no longer hold. */
enum modem_forget {
    MODEM_FORGET_ANSWERS,  /* the modem is being restarted by a command */
    MODEM_FORGET_SETTINGS, /* the modem or another program may have lost the settings */
    MODEM_FORGET_LINE,     /* the line is closed */
};

/* How modem.c ties the core to the groups above it. */
struct modem_hooks {
    struct {
        const char *token; /* of the status page */
        void (*enter)(struct modem *modem);
    } states[MODEM_STATE_COUNT];
    void (*leave_service)(struct modem *modem); /* a state other than MODEM_READY comes next */
    void (*entered)(struct modem *modem);       /* the state has just changed */
    void (*forget)(struct modem *modem, enum modem_forget what);
};

struct modem_timer {
    struct loop_source *source; /* deadline of the state, or the next look */
    void (*fn)(struct modem *modem);
    enum modem_wait wait;
};

/* Status page. While a blocked card is looked at again, the page shows the block. */
struct modem_shown {
    char detail[MODEM_DETAIL_SIZE];
    int64_t since_us;         /* of the state */
    bool was_ready;           /* at some time */
    int64_t unable_since_us;  /* since it was last ready; 0 = it is ready */
    int64_t answered_us;      /* last answer to a command; 0 = none */
    enum modem_reason reason; /* why the device or the card is not usable */
    const char *blocked_as;   /* token of MODEM_BLOCKED */
    const char *looked_as;    /* token before the look at the card */
    int64_t blocked_since_us; /* 0 = no look at a blocked card is under way */
};

/* Who the modem and its card say they are, and where it is plugged in. "" = not told. */
struct modem_identity {
    char facts[FACT_COUNT][MODEM_FACT_SIZE];
    char imei[MODEM_IMEI_SIZE];
    char iccid[MODEM_ICCID_SIZE];    /* MODEM_NO_ICCID: the card does not tell it */
    char port[64];                   /* open port, where the device is a wish ("auto") */
    char usb_device[MODEM_USB_SIZE]; /* of the port that is or was open: "1-1.2"; "" = not USB */
};

/* Why the settings or the line may not be as they were left. */
struct modem_doubts {
    bool is_restarted;   /* settings lost: to be set up again as soon as possible */
    int64_t redone_us;   /* time of the last set-up for that reason; 0 = none */
    bool is_out_of_step; /* an answer may still be on its way */
};

/* Reasons for which a ready modem does not take a message. */
struct modem_use {
    bool is_reserved; /* for a message whose row is being committed */
    bool is_sending;
    bool is_checking; /* some settings are being looked at */
};

/* Records of the modem's behaviour over time, of tell/. */
struct modem_signs {
    struct flap flap;
    struct restarts restarts;
    struct nonsense nonsense;
    struct patience patience;
};

struct modem {
    struct loop *loop;
    struct modem_config config;
    const struct modem_events *events;
    void *user;
    struct at_chat *chat; /* NULL = no line is open */
    struct at_chat_events chat_events;
    struct tape *tape;
    const struct modem_hooks *hooks;
    struct loop_source *changed; /* tells events->changed */
    struct modem_timer timer;
    enum modem_state state;
    struct modem_shown shown;
    const struct driver *driver;
    struct modem_identity identity;
    struct modem_sample sample;
    struct registration registration;
    struct modem_counters counters;
    struct modem_signs signs;
    struct modem_doubts doubts;
    struct modem_use use;
    struct modem_find *find;       /* find/private.h */
    struct modem_recover *recover; /* recover/private.h */
    struct modem_start *start;     /* start/private.h */
    struct modem_jobs *jobs;       /* job/private.h */
};

/* Leaves the state for another one; the timer of the state is cleared. */
void modem_enter(struct modem *modem, enum modem_state state);
enum modem_state modem_shown_state(const struct modem *modem); /* see struct modem_shown */
const char *modem_shown_token(const struct modem *modem);
/* State to enter while the settings are in doubt: `next`, or the start of the set-up. */
enum modem_state modem_state_after_restart(struct modem *modem, enum modem_state next);
/* Ten seconds have passed since the modem was set up again for its doubts. */
bool modem_may_begin_again(const struct modem *modem);
/* The sentence of the status page, and a log line when it changes. "" = all is well. */
void modem_set_detail(struct modem *modem, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void modem_set_timer(struct modem *modem, int64_t ms, void (*fn)(struct modem *modem));
/* As modem_set_timer(), for something that an event may cut short. */
void modem_set_wait(struct modem *modem, enum modem_wait wait, int64_t ms,
                    void (*fn)(struct modem *modem));
/* Sends one command; a command that cannot be handed over is treated as a lost line. */
void modem_command(struct modem *modem, const struct at_request *request);
void modem_forget(struct modem *modem, enum modem_forget what);
/* Counts what makes no sense (enum at_nonsense or enum nonsense_kind) and logs its kind once. */
void modem_note_nonsense(struct modem *modem, unsigned what);
/* "SIM busy" and its like: works in a moment. */
bool modem_reply_is_busy(const struct at_reply *reply);

#endif
