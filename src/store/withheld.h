/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The rows of requests that are answered but not sent (DOMAIN 5: no existence oracle). A withheld
 * request inserts a request and a message as a sent one does, so that the commit before its answer
 * writes as many pages. A row taken back in the same transaction would not: the engine drops a page
 * that is filled and emptied again. The message stays for a minute; the request as long as the id
 * of one that was sent is known (REQUESTS_KNOWN), for its status, its resend and its cancellation.
 *
 * The rows belong to nobody: no limit counts them, no verification finds them, no list shows them,
 * and nothing is sent.
 */
#ifndef CC_STORE_WITHHELD_H
#define CC_STORE_WITHHELD_H

#include "domain/phone.h"
#include "store/store.h"

/* The citizen of such a request, in the database NULL. */
enum { WITHHELD_CITIZEN = 0 };
/* The number of such a message: a number that no phone has, as long as a Spanish mobile's. */
extern const struct phone withheld_phone;

/*
 * Takes a queued message out of the queue for good, with the reads of outbox_next() and the writes
 * of outbox_claim(). id 0 = none: those two do the work for a request that is sent. Errors:
 * CC_ERR_CORRUPT.
 */
enum cc_err withheld_mark(struct store *store, int64_t message_id, int64_t now_ms) CC_MUST_CHECK;
/* Deletes the oldest of the rows whose time is over, at most `max` of each table. Each request
 * calls it, whatever becomes of it, with WITHHELD_PER_REQUEST: rows cannot pile up. */
enum { WITHHELD_PER_REQUEST = 2 };
enum cc_err withheld_forget(struct store *store, int64_t now_ms, int64_t max) CC_MUST_CHECK;

#endif
