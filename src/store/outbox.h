/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Messages to send, and how each went (DESIGN 3). The text and the phone are sealed; the text is
 * wiped as soon as no further attempt can come.
 *
 *   queued -> sending -> sent -> delivered | undelivered
 *      ^         |-> failed (refused for good)     (sent stays sent when no report comes)
 *      |         |-> queued again, not_before later (refused for now; or busy)
 *      |         `-> unknown -> delivered (its report came)
 *      `---------------'  once more, when the report window closed and a duplicate is harmless
 *   queued | unknown -> expired at expires_ms
 *   failed -> queued, where it turns out soon after that its modem was to blame
 */
#ifndef CC_STORE_OUTBOX_H
#define CC_STORE_OUTBOX_H

#include "domain/phone.h"
#include "gsm/cause.h"
#include "store/store.h"

enum outbox_state {
    OUTBOX_QUEUED,
    OUTBOX_SENDING,
    OUTBOX_SENT,
    OUTBOX_DELIVERED,
    OUTBOX_UNDELIVERED,
    OUTBOX_UNKNOWN,
    OUTBOX_FAILED,
    OUTBOX_EXPIRED,
    OUTBOX_WITHHELD, /* of nobody, and never sent: store/withheld.h */
};

/* Also the priority: lower goes first. */
enum outbox_class { OUTBOX_CONTRACLAVE = 0, OUTBOX_VALIDATION = 1, OUTBOX_NOTICE = 2 };

enum { OUTBOX_TEXT_SIZE = 641, OUTBOX_MODEM_SIZE = 33 };

struct outbox_message {
    int64_t id;
    int64_t request_id; /* 0 = none */
    enum outbox_class class;
    enum outbox_state state;
    struct phone phone;
    char text[OUTBOX_TEXT_SIZE];
    int64_t created_ms;
    int64_t not_before_ms;
    int64_t expires_ms;
    int64_t attempts;              /* times a PDU may have left */
    int64_t crashes;               /* of those, cut short by the end of the program */
    int64_t refusals;              /* temporary ones, for the back-off and its cap */
    bool replace;                  /* the attempt repeats one that may have gone: Replace PID */
    char modem[OUTBOX_MODEM_SIZE]; /* name of the modem of the last attempt; "" = none yet */
    char only_modem[OUTBOX_MODEM_SIZE]; /* goes by this one alone: a test of it; "" = by any */
    int64_t reference;                  /* TP-MR, -1 = not known */
    int64_t sent_ms;                    /* when the last attempt's command left */
    int64_t window_ends_ms;             /* unknown: until when its report is awaited */
    int64_t done_ms; /* since when no further attempt can come, or the report came; 0 = active */
    struct gsm_cause cause;
};

enum cc_err outbox_insert(struct store *store, const struct outbox_message *message,
                          int64_t *ret_id) CC_MUST_CHECK;
/* Takes back a message of the same transaction: a notice that is not due does the same work. */
enum cc_err outbox_discard(struct store *store, int64_t id) CC_MUST_CHECK;
/*
 * The next message that is due for this modem (queued, not_before <= now < expires, and not just
 * refused by it; priority, then age), unsealed. One of the class `first` goes before all others, so
 * that nobody starves: OUTBOX_CONTRACLAVE is the plain order. A row that does not open is logged,
 * set to failed and passed over, so that it blocks nobody. Errors: CC_ERR_NOT_FOUND when there is
 * none.
 */
enum cc_err outbox_next(struct store *store, int64_t now_ms, const char *modem,
                        enum outbox_class first, struct outbox_message *ret) CC_MUST_CHECK;
/* Messages that this modem was given since then; at most `enough` are counted. */
enum cc_err outbox_count_taken(struct store *store, const char *modem, int64_t since_ms,
                               int64_t enough, int64_t *ret) CC_MUST_CHECK;
/* UTC ms: when it was given the n-th last of its messages. Errors: CC_ERR_NOT_FOUND when there are
 * fewer. */
enum cc_err outbox_nth_taken(struct store *store, const char *modem, int64_t n,
                             int64_t *ret_ms) CC_MUST_CHECK;
/* State edges; each checks the state it comes from and says CC_ERR_NOT_FOUND if it is another. */
enum cc_err outbox_claim(struct store *store, int64_t id, const char *modem,
                         int64_t now_ms) CC_MUST_CHECK; /* ++attempts */
enum cc_err outbox_sent(struct store *store, int64_t id, int reference,
                        int64_t now_ms) CC_MUST_CHECK;
enum cc_err outbox_refused(struct store *store, int64_t id, struct gsm_cause cause,
                           int64_t now_ms) CC_MUST_CHECK; /* for good */
/* The same, but the text is kept: it may have been the modem's fault… */
enum cc_err outbox_refused_maybe(struct store *store, int64_t id, struct gsm_cause cause,
                                 int64_t now_ms) CC_MUST_CHECK;
/* …and was: back to the queue. CC_ERR_NOT_FOUND when its text is gone. */
enum cc_err outbox_revive(struct store *store, int64_t id, int64_t not_before_ms) CC_MUST_CHECK;
/* …and was not: its text is wiped. */
enum cc_err outbox_believe(struct store *store, int64_t id) CC_MUST_CHECK;
/* Whether, of what became of other messages to this number, the last was that it was taken. */
enum cc_err outbox_was_good(struct store *store, const struct outbox_message *message,
                            bool *ret) CC_MUST_CHECK;
/* Whether a claimed one is still to be sent. Errors: CC_ERR_NOT_FOUND (withdrawn, or too late). */
enum cc_err outbox_check_claim(struct store *store, int64_t id, int64_t now_ms) CC_MUST_CHECK;
/* Back to the queue as it was: it was claimed, and its modem never got it. */
enum cc_err outbox_unclaim(struct store *store, int64_t id) CC_MUST_CHECK;
struct outbox_delay {
    struct gsm_cause cause;
    bool penalty; /* ++refusals */
    int64_t not_before_ms;
    int64_t avoid_until_ms; /* its modem does not get it again before; 0 = it may */
};
/* Back to the queue. The attempt did not leave: attempts goes down again. */
enum cc_err outbox_requeue(struct store *store, int64_t id,
                           const struct outbox_delay *delay) CC_MUST_CHECK;
enum cc_err outbox_unknown(struct store *store, int64_t id, struct gsm_cause cause,
                           int64_t window_ends_ms) CC_MUST_CHECK;
/* unknown -> queued, marked replace. */
enum cc_err outbox_repeat(struct store *store, int64_t id, int64_t now_ms) CC_MUST_CHECK;
/* unknown for good: no further attempt; keeps the state (also past expires_ms), clears the window,
 * wipes the text. Its report may still come. */
enum cc_err outbox_give_up(struct store *store, int64_t id, int64_t now_ms) CC_MUST_CHECK;
/* A report that the centre is still trying: unknown or waiting to be repeated -> sent. */
enum cc_err outbox_accepted(struct store *store, int64_t id, int reference,
                            int64_t now_ms) CC_MUST_CHECK;
/* A final report: sent, unknown or waiting to be repeated -> delivered or undelivered. */
enum cc_err outbox_reported(struct store *store, int64_t id, bool delivered, struct gsm_cause cause,
                            int64_t now_ms) CC_MUST_CHECK;
/* Queued or unknown ones past expires_ms -> expired, text wiped. */
enum cc_err outbox_expire(struct store *store, int64_t now_ms, int64_t *ret_count) CC_MUST_CHECK;
/* The unknown one whose window has closed longest ago. CC_ERR_NOT_FOUND if none. */
enum cc_err outbox_window_closed(struct store *store, int64_t now_ms,
                                 struct outbox_message *ret) CC_MUST_CHECK;
/* After a crash: every `sending` becomes `unknown` with this window, ++crashes. */
enum cc_err outbox_recover(struct store *store, int64_t window_ends_ms,
                           int64_t *ret_count) CC_MUST_CHECK;
/* The next instant (UTC ms) at which something of the above becomes due; INT64_MAX if nothing. A
 * message that waits is asked for by not_before, which also comes before it is seen to expire. */
enum cc_err outbox_next_due(struct store *store, int64_t *ret_ms) CC_MUST_CHECK;

/* Withdraws the messages of this request: what waits expires, and nothing is sent again. phone: of
 * its citizen, "" = of none, for the same work. */
enum cc_err outbox_withdraw(struct store *store, int64_t request_id, const char *phone,
                            int64_t now_ms) CC_MUST_CHECK;
/* The same for one message, and for the requests that were replaced at `now`. phone "" and
 * citizen_id 0 = of no citizen, for the same work. */
enum cc_err outbox_withdraw_message(struct store *store, int64_t id, const char *phone,
                                    int64_t now_ms) CC_MUST_CHECK;
enum cc_err outbox_withdraw_replaced(struct store *store, int64_t citizen_id, const char *phone,
                                     int64_t now_ms) CC_MUST_CHECK;
const char *outbox_state_token(enum outbox_state state); /* "en_cola", "enviando", "enviado", … */
const char *outbox_class_token(enum outbox_class class_); /* "contraclave", "validacion", "aviso" */

#endif
