/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Receives messages from the modems, and the balance that was asked for; reports are in outcome.h.
 * All of it is hostile text: stored sealed, shown escaped, never executed and never in a log.
 */
#ifndef CC_SERVICE_RECEIVE_H
#define CC_SERVICE_RECEIVE_H

#include "modem/modem.h"
#include "service/service.h"
#include "store/inbox.h"

/* An event of the modem. Stores it in the turn; the modem may delete it when that is durable. */
void receive_inbound(struct service *service, struct modem *modem,
                     const struct modem_inbound *inbound);
/* An event of the modem: the end of receive_ask_balance(). */
void receive_balance(struct service *service, struct modem *modem, enum cc_err err,
                     const char *text);
/* Inside the turn: long messages whose parts have not come in 24 hours are shown as they are. */
enum cc_err receive_close_unfinished(struct service *service, int64_t now_ms) CC_MUST_CHECK;
/* Inside the turn. Errors: as modem_ask_balance(); CC_ERR_DB. */
enum cc_err receive_ask_balance(struct service *service, struct modem *modem,
                                int64_t now_ms) CC_MUST_CHECK;

/* ---- what a person reads of it: the messages, and the SIMs whose balance is low ---------------
 */
/* The newest max messages; visit returns false to stop. Errors: CC_ERR_DB. */
enum cc_err mailbox_list(struct service *service, int64_t max,
                         bool (*visit)(const struct inbox_message *message, void *user),
                         void *user) CC_MUST_CHECK;
/*
 * Marks one message, or all with id 0, and tells how many are left unread. In a turn. Errors:
 * CC_ERR_NOT_FOUND, CC_ERR_DB.
 */
enum cc_err mailbox_mark_read(struct service *service, int64_t id, int64_t now_ms,
                              int64_t *ret_unread) CC_MUST_CHECK;
enum cc_err mailbox_count_unread(struct service *service, int64_t *ret) CC_MUST_CHECK;
/* Calls visit with the name of each modem whose operator has said that its balance is low. */
enum cc_err mailbox_list_low_balances(struct service *service,
                                      void (*visit)(const char *modem, void *user),
                                      void *user) CC_MUST_CHECK;

#endif
