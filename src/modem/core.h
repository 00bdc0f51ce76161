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
#include "modem/parts.h"
#include "modem/tell/registration.h"

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
