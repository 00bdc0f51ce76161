/* SPDX-License-Identifier: EUPL-1.2 */
/* State of a modem, the reasons why it cannot send, and its counters: modem_status(). */
#ifndef CC_MODEM_STATUS_H
#define CC_MODEM_STATUS_H

#include "gsm/cause.h"
#include "modem/tell/sample.h"

#include <stdbool.h>
#include <stdint.h>

enum modem_state {
    MODEM_ABSENT,    /* the device is not there, or cannot be opened: asked again every second */
    MODEM_OPENING,   /* open, the link is coming up */
    MODEM_PROBING,   /* does it answer AT? */
    MODEM_INIT,      /* echo off, verbose errors, who is it */
    MODEM_SIM,       /* AT+CPIN? */
    MODEM_UNLOCKING, /* the PIN, once */
    MODEM_BLOCKED,   /* the SIM needs a person */
    MODEM_SETUP, /* the driver's rows: PDU mode, reports (many modems refuse them before the SIM) */
    MODEM_REGISTERING, /* waiting for the network */
    MODEM_READY,       /* can send */
    MODEM_STATE_COUNT
};

/* Why the device cannot be opened, or why its card does not get the PIN: for programs what the
 * detail is for people. It is set while the state is MODEM_ABSENT or MODEM_BLOCKED, the last two in
 * any state before MODEM_READY. */
enum modem_reason {
    MODEM_NO_REASON,
    MODEM_HELD_BY_RIVAL, /* ModemManager */
    MODEM_HELD,          /* another program */
    MODEM_FORBIDDEN,
    MODEM_IS_STORAGE, /* a stick that shows up as a disk */
    MODEM_IS_HILINK,  /* … as a network card */
    MODEM_NO_PORTS,
    MODEM_PIN_MISSING,  /* none is configured */
    MODEM_PIN_WITHHELD, /* refused once, tried before, one try left, or a stranger asks for it */
    MODEM_IS_MUTE,      /* its port opens, and does not answer AT */
    /* until it is ready, or its line is closed: */
    MODEM_IS_BARRED, /* the network refuses the card, or takes it for emergency calls alone */
    MODEM_IS_UNFIT,  /* answers; its sentence says what the modem refuses and what to do */
};

/* Messages in a row without a report that are no chance: not all their phones are off. */
enum { MODEM_UNREPORTED = 5 };

/* Since the start of the program. */
struct modem_counters {
    unsigned long sent, refused, unknown, reports;
    unsigned long losses;        /* of the line */
    unsigned long garbage;       /* lines that made no sense */
    unsigned long received;      /* inbound messages read, also those shown again */
    unsigned long unkept;        /* announced, but the modem did not keep them: lost */
    unsigned long unreported;    /* sent since the last report… */
    int64_t unreported_since_us; /* …and when they became MODEM_UNREPORTED */
};

/* Maker and family of the modem; texts are "" until the modem has told them. */
struct modem_make {
    const char *driver;
    const char *manufacturer;
    const char *model;
    const char *firmware;
    const char *imei;
    const char *advice; /* of the family, Spanish; "" = none */
};

struct modem_card {
    const char *iccid;        /* "" = not told yet */
    const char *wanted_iccid; /* iccid_sim of the configuration; "" = any */
    int pin_left;             /* PIN tries that a locked card has told; -1 = none, or not told */
    bool lacks_smsc;          /* the card says that it has no message centre… */
    bool needs_no_smsc;       /* …and messages go without, as by IMS */
};

/* Reasons why the modem cannot send, for programs. */
struct modem_troubles {
    int64_t unable_us;   /* since it was last ready, or since it was made; -1 = it is ready */
    int64_t answered_us; /* since it last answered a command; -1 = it never did */
    bool was_ready;      /* at some time before */
    bool was_lost;       /* its line was lost since it was last ready */
    enum modem_reason reason;
    /* of the card, met by the last sends, and no fault of a message; GSM_CAUSE_NONE = none… */
    struct gsm_cause fault;
    int64_t fault_us;       /* …since then */
    unsigned outcomes_lost; /* messages in a row without a word on what became of them */
    int64_t unreported_us; /* since that many went without a report; -1 = they come, or never did */
    unsigned losses_hour;  /* of its line in the last hour, as far as they are remembered */
    unsigned network_restarts; /* since it had a network */
};

/* Progress on the recovery ladder. */
struct modem_progress {
    const char *rung;     /* the rung that the modem is on; "" = all is well */
    int step, steps;      /* its number from 1, and the rungs in all; 0 = none */
    int64_t step_us;      /* the whole time of this rung… */
    int64_t step_left_us; /* …what is left of it… */
    int64_t left_us;      /* …and of it and the rungs above it */
};

/* Texts live as long as the modem does not change. */
struct modem_status {
    const char *name;
    const char *device;
    const char *port; /* open now, where it is not the device itself; "" = none */
    enum modem_state state;
    const char *state_token; /* "listo", "sin_dispositivo", … */
    const char *detail;      /* a sentence, Spanish, with the action; "" when all is well */
    const char *advice;      /* the detail of a modem that can send, in any state; "" = none */
    int64_t in_state_us;     /* how long it has been in this state */
    bool sending;
    struct modem_make make;
    struct modem_card card;
    struct modem_troubles trouble;
    struct modem_progress recovery;
    struct modem_sample sample;
    struct modem_counters counters;
};

#endif
