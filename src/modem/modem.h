/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Life of a modem: find, open, probe, init, SIM, set-up, registered, ready, lost, and back by
 * itself; and sending one message at a time through it, in PDU mode, with three outcomes (DESIGN
 * decision 3). Results come back by events from the loop.
 */
#ifndef CC_MODEM_MODEM_H
#define CC_MODEM_MODEM_H

#include "base/err.h"
#include "base/loop.h"
#include "modem/config.h"
#include "modem/events.h"
#include "modem/status.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    MODEM_MAX = 16, /* modems of one box */
    MODEM_FACT_SIZE = 64,
    MODEM_IMEI_SIZE = 20,
    MODEM_ICCID_SIZE = 24,
};

/* Stands for the number of a card that does not tell it. */
#define MODEM_NO_ICCID "desconocida"

struct modem;

/* Starts looking for its device on the next pass of the loop. Owns: modem_free(). */
struct modem *modem_new(struct loop *loop, const struct modem_config *config,
                        const struct modem_events *events, void *user);
void modem_free(struct modem *modem);
const char *modem_name(const struct modem *modem);
/* Pattern of an operator's notice of low balance: a POSIX extended expression; "" = none. */
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
/* The word of a state; a blocked card has words of its own in modem_status(). */
const char *modem_state_token(enum modem_state state);
/* The inbound message or kept report shown last is durable: it may be deleted. False: it is not,
 * show it again later. */
void modem_inbound_done(struct modem *modem, bool is_durable);
/*
 * Asks the network for the balance by USSD; events->balance tells. Errors: CC_ERR_BUSY (another is
 * under way), CC_ERR_MODEM_NOT_READY, CC_ERR_NOT_CONFIGURED (no ussd_saldo).
 */
enum cc_err modem_ask_balance(struct modem *modem) CC_MUST_CHECK;
/* Whether it would be asked now. Errors: the same. */
enum cc_err modem_check_balance(const struct modem *modem) CC_MUST_CHECK;
enum modem_centre_step {
    MODEM_CENTRE_NONE, /* none was given since the start of the program */
    MODEM_CENTRE_WRITING,
    MODEM_CENTRE_SET, /* the card has it: it was read back */
    MODEM_CENTRE_FAILED,
};
/*
 * Writes the number of the message centre (phone_is_centre()) to the card, in an idle moment before
 * the next message, and reads it back; within a minute modem_centre_step() tells the end. Errors:
 * CC_ERR_CENTRE_FIXED (the configuration has another, which each start writes), CC_ERR_BUSY (one is
 * being written), CC_ERR_MODEM_NOT_READY.
 */
enum cc_err modem_set_centre(struct modem *modem, const char *number) CC_MUST_CHECK;
/* Whether it would be written now. Errors: the same. */
enum cc_err modem_check_centre(const struct modem *modem, const char *number) CC_MUST_CHECK;
/* How far that is; *ret_err: why it failed. */
enum modem_centre_step modem_centre_step(const struct modem *modem, enum cc_err *ret_err);
/* The newest of what went to and came from it, redacted: see link/tape.h tape_recent(). */
size_t modem_trace(const struct modem *modem, char *out, size_t cap);
/* A person wants it: starts the modem anew at the end of what it is sending. Errors:
 * CC_ERR_MODEM_NOT_READY (there is nothing to restart), CC_ERR_BUSY (it is being recovered). */
enum cc_err modem_restart(struct modem *modem) CC_MUST_CHECK;
/* Whether it would be restarted now. Errors: the same. */
enum cc_err modem_check_restart(const struct modem *modem) CC_MUST_CHECK;
/* Notes that a permanent refusal may be the modem's own fault: the modem is restarted as soon as it
 * is free and the last restart is not a moment ago; until then other modems are preferred, where a
 * restart is possible now. */
void modem_doubt(struct modem *modem);
/* How often it has been restarted, by its own command or by force. */
unsigned modem_count_restarts(const struct modem *modem);

#endif
