/* SPDX-License-Identifier: EUPL-1.2 */
/* Received SMS for a person: the messages, which are read, and the SIMs whose balance is low. */
#ifndef CC_SERVICE_MAILBOX_H
#define CC_SERVICE_MAILBOX_H

#include "service/service.h"
#include "store/inbox.h"

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
