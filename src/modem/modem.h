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
#include "modem/tell/sample.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    MODEM_MAX = 16,
    /* in one box */ MODEM_NAME_SIZE = 33,
    MODEM_FACT_SIZE = 64,
    MODEM_IMEI_SIZE = 20,
    MODEM_ICCID_SIZE = 24
};

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
 * detail is for people. It is set while the state is MODEM_ABSENT or MODEM_BLOCKED. */
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
};

/* Stands for the number of a card that does not tell it. */
#define MODEM_NO_ICCID "desconocida"

struct modem;
struct find_claims;
struct driver_table;

struct modem_config {
    char name[MODEM_NAME_SIZE];
    const char *device;    /* see find_spec_parse(); lives as long as the modem */
    const char *pin;       /* "" = none; lives as long as the modem */
    int64_t prompt_ms;     /* 10 000 (MODEMS 3) */
    int64_t final_ms;      /* 150 000: longer than TR1M, so that silence really means unknown */
    const char *tape_path; /* "" = no byte tape */
    bool force_pin; /* pin_sim_forzar: also when the card does not tell how many tries are left */
    const char *iccid; /* the only card it may work with; "" = any */
    const char *smsc;  /* centro_mensajes: written to the card when it has another; "" = leave it */
    const char *ussd;  /* ussd_saldo: asks for the balance; "" = none */
    const char *balance_pattern; /* aviso_saldo; "" or NULL = none */
    const char *balance_sender; /* remitente_saldo: who may say so besides short codes; "" = none */
    const char *power_key;      /* gpio_encendido: "gpiochip0:17"; "" = none */
    bool may_cut_power;         /* corte_usb: uhubctl may cut the supply of its USB port */
    const struct driver_table *drivers; /* the families it may be of; never NULL */
    struct find_claims *claims;         /* shared by the modems of the box; NULL = alone */
    const struct link_scheme *schemes;  /* extra kinds of device; NULL = none */
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

/* An inbound SMS, or whatever else was in that slot of the modem's memory. */
struct modem_inbound {
    const uint8_t *pdu; /* SCA first */
    size_t len;
    bool is_cut;  /* half an octet of it is missing */
    bool is_kept; /* by the modem; false: given directly, and nobody waits for it */
};

/* One rung of the recovery ladder, as it was taken and as it ended. */
struct modem_recovery {
    const char *rung;     /* token: "escape", "reinicio"… */
    const char *evidence; /* one Spanish sentence */
    bool is_end;          /* false: it begins */
    bool worked;          /* at its end: the modem answers again */
};

struct modem_events {
    /* The state changed, or a send ended: look again at modem_can_send(). */
    void (*changed)(struct modem *modem, void *user);
    /* The end of one modem_send(). */
    void (*sent)(struct modem *modem, const struct modem_result *result, void *user);
    /* is_kept: by the modem, until modem_inbound_done(), as an inbound message. */
    void (*report)(struct modem *modem, const struct gsm_report *report, bool is_kept, void *user);
    /*
     * Before the PIN is given to this card: must be durable before it returns true; false = this
     * PIN was tried on this card already. And that the card took it.
     */
    bool (*pin_try)(struct modem *modem, const char *iccid, const char *pin, void *user);
    void (*pin_worked)(struct modem *modem, const char *iccid, const char *pin, void *user);
    /*
     * The modem keeps the message (if is_kept) until modem_inbound_done(), which comes when it is
     * durable; it may show one again (after a crash, or by two lists).
     */
    void (*inbound)(struct modem *modem, const struct modem_inbound *inbound, void *user);
    /* A round of questions has ended: modem_status() tells the answers. */
    void (*sampled)(struct modem *modem, const struct modem_sample *sample, void *user);
    void (*recovery)(struct modem *modem, const struct modem_recovery *recovery, void *user);
    /* The end of one modem_ask_balance(): CC_OK and the network's text (hostile), or why not. */
    void (*balance)(struct modem *modem, enum cc_err err, const char *text, void *user);
};

/* Since the start of the program. */
struct modem_counters {
    unsigned long sent, refused, unknown, reports;
    unsigned long losses;   /* of the line */
    unsigned long garbage;  /* lines that made no sense */
    unsigned long received; /* inbound messages read, also those shown again */
    unsigned long unkept;   /* announced, but the modem did not keep them: lost */
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
    struct modem_sample sample;
    const char *imei;  /* "" = not told yet */
    const char *iccid; /* of the card; "" = not told yet */
    int pin_left;      /* tries of the PIN that a locked card has told; -1 = none, or not told */
    const char *port;  /* the port that is open now, where it is not the device itself; "" = none */
    const char *advice;  /* of its family; "" = none */
    const char *rung;    /* of the ladder it is on; "" = all is well */
    int64_t in_state_us; /* how long it has been in this state */
    int64_t unable_us;   /* since it was last ready, or since it was made; -1 = it is ready */
    int64_t answered_us; /* since it last answered a command; -1 = it never did */
    bool was_ready;      /* at some time before */
    enum modem_reason reason;
    struct gsm_cause fault;    /* of the card, met by the last send; GSM_CAUSE_NONE = none */
    const char *wanted_iccid;  /* iccid_sim of the configuration; "" = any */
    bool lacks_smsc;           /* the card says that it has no message centre */
    unsigned outcomes_lost;    /* messages in a row without a word on what became of them */
    unsigned losses_hour;      /* of its line in the last hour, as far as they are remembered */
    unsigned network_restarts; /* since it had a network */
    int step, steps;           /* of the recovery: the rung that it is on, from 1; 0 = none */
    int64_t step_us;           /* the whole time of this rung… */
    int64_t step_left_us;      /* …what is left of it… */
    int64_t recovery_left_us;  /* …and of it and the rungs above it */
    bool sending;
    struct modem_counters counters;
};

/* Starts looking for its device on the next pass of the loop. Owns: modem_free(). */
struct modem *modem_new(struct loop *loop, const struct modem_config *config,
                        const struct modem_events *events, void *user);
void modem_free(struct modem *modem);
const char *modem_name(const struct modem *modem);
/* What an operator's notice of low balance looks like: a POSIX extended expression; "" = none. */
const char *modem_balance_pattern(const struct modem *modem);
/* A sender whose notices count besides those of short codes; "" = none. */
const char *modem_balance_sender(const struct modem *modem);
/* Ready, and nothing in flight or reserved. */
bool modem_can_send(const struct modem *modem);
bool modem_is_ready(const struct modem *modem);
/* Ready, and a message is on its way through it. */
bool modem_is_sending(const struct modem *modem);
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
/* The inbound message or kept report shown last is durable: it may be deleted. False: it is not,
 * show it again later. */
void modem_inbound_done(struct modem *modem, bool is_durable);
/*
 * Asks the network for the balance by USSD; events->balance tells. Errors: CC_ERR_BUSY (another is
 * under way), CC_ERR_MODEM_NOT_READY, CC_ERR_NOT_CONFIGURED (no ussd_saldo).
 */
enum cc_err modem_ask_balance(struct modem *modem) CC_MUST_CHECK;
/* The newest of what went to and came from it, redacted: see link/tape.h tape_recent(). */
size_t modem_trace(const struct modem *modem, char *out, size_t cap);
/* A person wants it: starts the modem anew at the end of what it is sending. Errors:
 * CC_ERR_MODEM_NOT_READY (there is nothing to restart), CC_ERR_BUSY (it is being recovered). */
enum cc_err modem_restart(struct modem *modem) CC_MUST_CHECK;
/* What it refuses for good may be its own fault: it is restarted as soon as it is free and the last
 * restart is not a moment ago; until then nothing is sent through it if it can be done now. */
void modem_doubt(struct modem *modem);
/* How often it has been restarted, by its own command or by force. */
unsigned modem_count_restarts(const struct modem *modem);

#endif
