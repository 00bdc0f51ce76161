/* SPDX-License-Identifier: EUPL-1.2 */
/* One request, found by its public id, and what it takes to send its contraclave again. */
#ifndef CC_STORE_REQUESTS_ID_H
#define CC_STORE_REQUESTS_ID_H

#include "store/requests.h"

/*
 * An id is known until an hour after its request expires, and as long as it is one of the newest
 * REQUESTS_KNOWN: rows that strangers can ask for are bounded, and what was withheld is known as
 * long as what was sent.
 */
enum { REQUESTS_KNOWN = 500000, REQUESTS_KNOWN_AFTER_MS = 60 * 60 * 1000 };

/* The request of this client with this id, ended or not. Errors: CC_ERR_NOT_FOUND (also another
 * client's, and one that was altered). */
enum cc_err requests_find(struct store *store, const uint8_t public_id[REQUEST_ID_BYTES],
                          int64_t client_id, int64_t now_ms, struct request *ret) CC_MUST_CHECK;
/* Whether its row lets it live at all: not too old, not of a clock that was wrong. */
bool requests_is_dated_well(const struct store *store, const struct request *request,
                            int64_t now_ms);
/* Opens what was sealed; takes as long where it is erased. Errors: CC_ERR_NOT_FOUND (erased, or it
 * does not open). */
enum cc_err requests_open(struct store *store, const struct request *request,
                          struct request_secret *ret) CC_MUST_CHECK;
/* Begins its cool-down again. Call it, and requests_cancel(), with what requests_find() has found
 * in this transaction. Errors: CC_ERR_NOT_FOUND. */
enum cc_err requests_set_resent(struct store *store, int64_t id, int64_t now_ms) CC_MUST_CHECK;
/* Ends it and erases its contraclave. Errors: CC_ERR_NOT_FOUND. */
enum cc_err requests_cancel(struct store *store, int64_t id, int64_t now_ms) CC_MUST_CHECK;
/*
 * Erases the sealed contraclaves of requests that have expired. Each call goes on where the last
 * one stopped, in the order of the ids and so nearly in that of their ends, and looks at a bounded
 * number of rows. Inside a turn.
 */
enum cc_err requests_erase_expired(struct store *store, int64_t now_ms) CC_MUST_CHECK;

#endif
