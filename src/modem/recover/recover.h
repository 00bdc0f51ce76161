/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Takes the rungs of the ladder (ladder.h) with one modem: what is done on each, its deadline, and
 * who is told. While a rung waits for the modem, AT is asked at least every two seconds, so that it
 * sends again as soon as it can. Private to modem/.
 */
#ifndef CC_MODEM_RECOVER_RECOVER_H
#define CC_MODEM_RECOVER_RECOVER_H

#include "base/child.h"
#include "base/loop.h"
#include "modem/recover/ladder.h"
#include "modem/recover/power.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECOVER_WHY_SIZE = 160, RECOVER_USB_SIZE = 64 };

struct modem;
struct modem_status;

struct modem_recover {
    struct ladder ladder;
    struct loop_source *timer; /* on a rung: its deadline; on the ground: when to look around */
    int64_t deadline_us;
    char why[RECOVER_WHY_SIZE];
    enum ladder_rung told_rung; /* the last one that was told… */
    char told_why[RECOVER_WHY_SIZE];
    int64_t told_us;
    bool is_quiet;        /* …again: the one that it is on is not told */
    bool alarm_told;      /* and its end has not been… */
    int64_t alarm_end_us; /* …until when it is let alone */
    bool command_due;     /* the rung's own command goes before the first AT */
    unsigned way;         /* of the commands that may do it, the one being tried */
    bool wants_restart;   /* a person does */
    bool wants_heal;      /* its refusals are doubted */
    unsigned restarts;    /* rungs from the restart on that were taken and worked */
    bool had_network;
    bool had_card;   /* that was open… */
    unsigned worked; /* …bits 1 << enum ladder_evidence: what has worked since, and may be healed */
    unsigned network_restarts;           /* since it had one */
    bool line_answered;                  /* AT, since it was opened */
    bool has_answered;                   /* AT, this modem, ever… */
    char answered_usb[RECOVER_USB_SIZE]; /* …there */
    unsigned mute_openings;              /* in a row */
    struct child *child;
    struct power *power;
};

/* rungs.c: the work of each */
unsigned modem_rungs_available(const struct modem *modem);
/* Not just a port that was guessed and has never answered. */
bool modem_is_known(const struct modem *modem);
void modem_rung_act(struct modem *modem, enum ladder_rung rung);
/* Where the rung begins with a command of its own, that is sent and true returned; AT is asked when
 * it is over. */
bool modem_rung_command(struct modem *modem);

/* recover.c: on which rung, and why */
/* It has not helped, or could not be done: the next one. No command may be in flight. */
void modem_rung_failed(struct modem *modem);
/* The rung's deadline is so far away from now. */
void modem_rung_timer(struct modem *modem, int64_t ms);
void modem_recover_init(struct modem *modem);
void modem_recover_done(struct modem *modem);

/*
 * Something is wrong, and no command is in flight: takes a rung, or starts the modem's set-up again
 * where this evidence is worth none. why: a Spanish sentence; NULL = that of the evidence.
 */
void modem_trouble(struct modem *modem, enum ladder_evidence evidence, const char *why);
/*
 * Something that worked before does not, by the modem's own word, and no command is in flight:
 * takes the one rung that may heal it. False, and nothing done, where it has not worked since the
 * start or since the last such rung, or that rung is in its cool-down: then a person is asked for.
 */
bool modem_heal(struct modem *modem, enum ladder_evidence evidence);
/* What that evidence is about has just worked. */
void modem_has_worked(struct modem *modem, enum ladder_evidence evidence);
/* Doubted, and the rung can be taken now. */
bool modem_heals_soon(const struct modem *modem);
/* How a message ended that met no prompt, or whose outcome was lost. */
void modem_send_lost(struct modem *modem, bool has_left);
void modem_send_worked(struct modem *modem);

/* Why it is in service and does not send, for the status page; "" = it does. */
const char *modem_recover_advice(const struct modem *modem);

/* "" = on the ground. */
const char *modem_rung_token(const struct modem *modem);
/* The members of the status about the rung that it is on. */
void modem_tell_recovery(const struct modem *modem, struct modem_status *ret);
bool modem_is_on_rung(const struct modem *modem);
/* AT was answered. */
void modem_recovered(struct modem *modem);
/* AT was not answered: on a rung, or three times on the ground. True = ask again now. */
bool modem_stays_mute(struct modem *modem);
/* The port is gone; true = that is what the rung is for. */
bool modem_drop_was_expected(struct modem *modem);
/* The state has just changed. */
void modem_recover_entered(struct modem *modem);

#endif
