/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One modem's life: find, open, probe, init, SIM, set-up, registered, ready, lost, and back by
 * itself; and sending one message at a time through it, in PDU mode, with three outcomes
 * (DESIGN decision 3). Everything comes back by events from the loop.
 */
#ifndef CC_MODEM_MODEM_H
#define CC_MODEM_MODEM_H

#include "base/err.h"
#include "base/loop.h"
#include "gsm/cause.h"
#include "gsm/report.h"
#include "link/link.h"

#include <stdbool.h>
#include <stdint.h>

enum { MODEM_NAME_SIZE = 33, MODEM_FACT_SIZE = 64 };

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

/* Stands for the number of a card that does not tell it. */
#define MODEM_NO_ICCID "desconocida"

struct modem;

struct modem_config {
    char name[MODEM_NAME_SIZE];
    const char *device;    /* see link_open(); lives as long as the modem */
    const char *pin;       /* "" = none; lives as long as the modem */
    int64_t prompt_ms;     /* 10 000 (MODEMS 3) */
    int64_t final_ms;      /* 150 000: longer than TR1M, so that silence really means unknown */
    const char *tape_path; /* "" = no byte tape */
    const struct link_scheme *schemes; /* extra kinds of device; NULL = none */
};

enum modem_outcome { MODEM_OUTCOME_SENT, MODEM_OUTCOME_REFUSED, MODEM_OUTCOME_UNKNOWN };

struct modem_result {
    enum modem_outcome outcome;
    enum gsm_class class; /* of a refusal */
    struct gsm_cause cause;
    int reference; /* TP-MR as the modem gave it, of the last part; -1 = not known */
};

struct modem_sms {
    const char *number; /* E.164 */
    const char *text;   /* UTF-8 */
    int64_t validity_s; /* TP-VP never longer than this */
    uint8_t replace;    /* Replace PID type 1-7, 0 = none */
    uint8_t concat_reference;
};

struct modem_events {
    /* The state changed, or a send ended: look again at modem_can_send(). */
    void (*changed)(struct modem *modem, void *user);
    /* The end of one modem_send(). */
    void (*sent)(struct modem *modem, const struct modem_result *result, void *user);
    void (*report)(struct modem *modem, const struct gsm_report *report, void *user);
    /*
     * Before the PIN is given to this card: must be durable before it returns true; false = this
     * PIN was tried on this card already. And that the card took it.
     */
    bool (*pin_try)(struct modem *modem, const char *iccid, const char *pin, void *user);
    void (*pin_worked)(struct modem *modem, const char *iccid, const char *pin, void *user);
};

/* For the status page. Texts are Spanish and say what to do. */
struct modem_status {
    const char *name;
    const char *device;
    enum modem_state state;
    const char *state_token; /* "listo", "sin_dispositivo", … */
    const char *detail;      /* one sentence; "" when all is well */
    const char *driver;
    const char *manufacturer;
    const char *model;
    const char *firmware;
    int signal_dbm;         /* 0 = not known */
    int registration;       /* the <stat> of 27.007 that counts; -1 = not known */
    int64_t state_since_us; /* clock_mono_us() */
    bool sending;
    unsigned long sent, refused, unknown, reports, losses, garbage;
};

/* Starts looking for its device on the next pass of the loop. Owns: modem_free(). */
struct modem *modem_new(struct loop *loop, const struct modem_config *config,
                        const struct modem_events *events, void *user);
void modem_free(struct modem *modem);
const char *modem_name(const struct modem *modem);
/* Ready, and nothing in flight or reserved. */
bool modem_can_send(const struct modem *modem);
bool modem_is_ready(const struct modem *modem);
/* Keeps the modem for a message whose row is being committed; modem_send() or modem_release() ends
 * it. */
void modem_reserve(struct modem *modem);
void modem_release(struct modem *modem);
/*
 * Sends; the outcome comes by events->sent, always, exactly once, from the loop. A modem that was
 * lost meanwhile answers REFUSED, class BUSY: nothing left.
 */
void modem_send(struct modem *modem, const struct modem_sms *sms);
void modem_status(const struct modem *modem, struct modem_status *ret);

#endif
