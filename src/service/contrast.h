/* SPDX-License-Identifier: EUPL-1.2 */
/* The contrast datum that came with a call against the one recorded, and the limit on guessing. */
#ifndef CC_SERVICE_CONTRAST_H
#define CC_SERVICE_CONTRAST_H

#include "domain/address.h"
#include "domain/contraste.h"
#include "domain/text.h"
#include "service/caller.h"
#include "service/service.h"
#include "store/citizens.h"

/* Contrast data of a call. */
struct contrast_call {
    const struct contraste *given; /* "" = none */
    const char *ip;                /* of the end user; "" = not given */
    const struct caller *caller;
};

/* The person of the call; nobody (*ret as it was) where there is none, or a row that was changed
 * without the key. The recorded contrast is opened only where the call gives one, so that the time
 * depends on the call alone. Errors: CC_ERR_DB, CC_ERR_CORRUPT. */
enum cc_err contrast_find_citizen(struct service *service, const struct nif *nif,
                                  const struct contrast_call *call,
                                  struct citizen *ret) CC_MUST_CHECK;

/*
 * Fills what the limits count of failures, the town's state, and how the contrast that came with
 * the call compares. For the zeroed citizen of an unknown NIF it
 * takes as long. Errors: CC_ERR_DB.
 */
enum cc_err contrast_count(struct service *service, const struct citizen *citizen,
                           const struct contrast_call *call, int64_t now_ms,
                           struct limits_citizen *ret) CC_MUST_CHECK;
/*
 * Counts a wrong one. After too many from one address tells the phone; after too many from all
 * locks the contrast, and tells it. Called whenever
 * one was given, also if it was right: the same is written, and taken back. Inside a turn. Errors:
 * CC_ERR_DB, those of notice_tell().
 */
enum cc_err contrast_charge(struct service *service, const struct citizen *citizen,
                            const struct limits_citizen *counted, const struct contrast_call *call,
                            int64_t now_ms) CC_MUST_CHECK;

/*
 * ---- the hourly limits per address of an end user (DOMAIN 5) -----------------------------------
 *
 * Of IPv6 per /64 and at ip_red48_veces times the figure per /48. They count calls and not what
 * became of them, except that of failures only compared ones count: an address is refused for its
 * own calls, and no NIF is.
 */

/* Counts a request. Errors: CC_ERR_RATE_LIMITED (*ret_wait_s is set), CC_ERR_DB. */
enum cc_err visitor_take_request(struct service *service, const struct address_keys *from,
                                 int64_t now_ms, int64_t *ret_wait_s) CC_MUST_CHECK;
/* Whether one more verification is looked at. Errors: as above. */
enum cc_err visitor_check_failures(struct service *service, const struct address_keys *from,
                                   int64_t now_ms, int64_t *ret_wait_s) CC_MUST_CHECK;

#endif
