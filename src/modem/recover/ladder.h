/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The recovery ladder: from what went wrong and what was tried before to what is tried next. Pure:
 * times are given, nothing is done here (recover.c does it). The rules: a rung that was taken a
 * short while ago is passed over; what comes back by itself starts on the ground; what comes back
 * sick after a rung goes on above it; only answers count, never lines that nobody asked for
 * (MODEMS 1 #1 #2 #3 #11 #13 #14).
 */
#ifndef CC_MODEM_RECOVER_LADDER_H
#define CC_MODEM_RECOVER_LADDER_H

#include <stdbool.h>
#include <stdint.h>

enum ladder_rung {
    LADDER_ESCAPE,    /* ESC and AT */
    LADDER_INIT,      /* ATZ, and the start-up again */
    LADDER_RESTART,   /* AT+CFUN=1,1 or the driver's own */
    LADDER_REOPEN,    /* the port closed and opened */
    LADDER_USB_RESET, /* USBDEVFS_RESET of its port */
    LADDER_POWER,     /* its supply cut, or its power key pressed */
    LADDER_ALARM,     /* a person; and open, ask, close for ever */
    LADDER_RUNG_COUNT,
    LADDER_NONE = LADDER_RUNG_COUNT /* on the ground */
};

/* Evidence that something is wrong. */
enum ladder_evidence {
    LADDER_MUTE,      /* a command was not answered */
    LADDER_LATE,      /* no answer to an optional command, or no outcome of one message */
    LADDER_MUTE_PORT, /* a port just opened that has not answered for a good while */
    LADDER_ERRORS,    /* ERROR where OK is certain */
    LADDER_PROMPTS,   /* no prompt, twice in a row */
    LADDER_UNKNOWNS,  /* three messages in a row without a word on what became of them */
    LADDER_NETWORK,   /* no network for long, where there was one */
    LADDER_PERSON,    /* a person asked for a restart */
    /* by the modem's own word, after it had worked */
    LADDER_CARD,     /* the card fails, or is not there */
    LADDER_DENIED,   /* the network refuses the card */
    LADDER_MEMORY,   /* its memory does not do what it says */
    LADDER_FAULT,    /* messages cannot be sent */
    LADDER_REFUSALS, /* the network refuses for good what it took before, or everybody */
    LADDER_EVIDENCE_COUNT
};

struct ladder_step {
    const char *token;    /* for the status page and the history */
    const char *sentence; /* Spanish: what is being done */
    int64_t deadline_ms;  /* by then it must have answered AT */
    int64_t cooldown_ms;  /* not again before this */
};

extern const struct ladder_step ladder_steps[LADDER_RUNG_COUNT];

enum { LADDER_MEMORIES = 2 };

struct ladder {
    enum ladder_rung rung; /* rung being tried */
    enum ladder_evidence evidence;
    /* Where the next trouble of its kind begins: what is below was tried, and did not last. */
    int from[LADDER_MEMORIES];
    bool was_taken[LADDER_RUNG_COUNT];
    int64_t taken_ms[LADDER_RUNG_COUNT];
    unsigned prompts_lost, outcomes_lost; /* in a row, since the last rung for it */
    unsigned unknowns;                    /* messages in a row without an outcome */
    unsigned lates;                       /* since it was ready */
    enum ladder_evidence complaint;       /* the last one about its sending */
    bool is_spent;                        /* all that could help it send was done, and has not… */
    int64_t spent_ms;                     /* …since then */
};

void ladder_init(struct ladder *ladder);
/* Spanish: what the evidence is. */
const char *ladder_evidence_text(enum ladder_evidence evidence);
/*
 * On the ground, and something is wrong: the rung to take, LADDER_NONE if this evidence is worth
 * none now. available: bits 1 << rung of what this modem and box can do; the alarm always can.
 */
enum ladder_rung ladder_trouble(struct ladder *ladder, enum ladder_evidence evidence,
                                unsigned available, int64_t now_ms);
/* Whether ladder_trouble() would take one. */
bool ladder_has_rung(const struct ladder *ladder, enum ladder_evidence evidence, unsigned available,
                     int64_t now_ms);
/* The rung's deadline has passed, or it could not be done: the next one up. From the alarm, all
 * over again from the restart. */
enum ladder_rung ladder_failed(struct ladder *ladder, unsigned available, int64_t now_ms);
/* AT was answered: on the ground again. */
void ladder_answered(struct ladder *ladder);
/* Notes that the modem is ready to send: faults of its line are forgiven. */
void ladder_ready(struct ladder *ladder);
/* A message was taken: all is forgiven. Cool-downs stay. */
void ladder_sent(struct ladder *ladder);
/* Spanish: why it does not send although it answers, and what to do; "" = no reason to say so. */
const char *ladder_complaint(const struct ladder *ladder);
/* All that could help it take messages was done, and it does not. */
bool ladder_is_hopeless(const struct ladder *ladder);
/* A message found no prompt (has_left false), or no outcome: what that is evidence of by now. */
enum ladder_evidence ladder_send_lost(struct ladder *ladder, bool has_left);
/* The port went away by itself: what comes back is new, cool-downs apart (MODEMS 1 #13). */
void ladder_lost(struct ladder *ladder);
/* Whether the loss of the port is what this rung is for. */
bool ladder_rung_drops(enum ladder_rung rung);

#endif
