/* SPDX-License-Identifier: EUPL-1.2 */
/* Messages to a modem, their outcomes, and the events that a modem sends through the loop. */
#ifndef CC_MODEM_EVENTS_H
#define CC_MODEM_EVENTS_H

#include "base/err.h"
#include "gsm/cause.h"
#include "gsm/report.h"
#include "modem/tell/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct modem;

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

/* An inbound SMS, or something else that was in that slot of the modem's memory. */
struct modem_inbound {
    const uint8_t *pdu; /* SCA first */
    size_t len;
    bool is_cut;  /* half an octet of it is missing */
    bool is_kept; /* by the modem; false: given directly, and nobody waits for it */
};

/* A rung of the recovery ladder, as it was taken and as it ended. */
struct modem_recovery {
    const char *rung;     /* token: "escape", "reinicio"… */
    const char *evidence; /* a Spanish sentence */
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

#endif
