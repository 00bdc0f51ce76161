/* SPDX-License-Identifier: EUPL-1.2 */
/* On which rung of the ladder one modem is. Private to modem/recover. */
#ifndef CC_MODEM_RECOVER_PRIVATE_H
#define CC_MODEM_RECOVER_PRIVATE_H

#include "base/child.h"
#include "modem/core.h"
#include "modem/recover/ladder.h"
#include "modem/recover/power.h"
#include "modem/recover/recover.h"

/* The rung that was logged and told last; a repetition within the hour is not. */
struct recover_told {
    enum ladder_rung rung;
    char why[RECOVER_WHY_SIZE];
    int64_t at_us;
    bool is_quiet; /* the current rung is such a repetition */
};

/* The command of a rung, sent in the ways that this modem may know. */
struct recover_command {
    bool is_due;  /* goes before the first AT */
    unsigned way; /* being tried */
    void (*ask_at)(struct modem *modem);
};

struct modem_recover {
    struct ladder ladder;
    struct loop_source *timer; /* on a rung: its deadline; else: when to look around */
    int64_t deadline_us;
    char why[RECOVER_WHY_SIZE];
    struct recover_told told;
    bool is_alarm_told;   /* and its end is not */
    int64_t alarm_end_us; /* until then the modem is left alone */
    struct recover_command command;
    bool wants_restart; /* a person asked for one */
    bool wants_heal;    /* the refusals of the modem are doubted */
    unsigned restarts;  /* rungs from the restart on that were taken and worked */
    bool had_network;
    bool had_card;             /* an open card */
    unsigned worked;           /* bits 1 << enum ladder_evidence: worked, and may be healed */
    unsigned network_restarts; /* since it had a network */
    bool has_line_answered;    /* AT, since the line was opened */
    bool has_answered;         /* AT, ever… */
    char answered_usb[MODEM_USB_SIZE]; /* …at this USB device */
    unsigned mute_openings;            /* in a row */
    struct child *child;
    struct power *power;
};

/* rungs.c */
/* Bits 1 << enum ladder_rung: what this modem and this box have. */
unsigned recover_available_rungs(const struct modem *modem);
/* False: a port that was guessed and has never answered. */
bool recover_is_known(const struct modem *modem);
void recover_act(struct modem *modem, enum ladder_rung rung);

/* recover.c */
/* The rung has not helped, or could not be done: takes the next one. No command may be in flight.
 */
void recover_fail_rung(struct modem *modem);
/* Units: ms from now. */
void recover_set_timer(struct modem *modem, int64_t ms);

#endif
