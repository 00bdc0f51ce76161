/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Memory of the clock besides the highest time, and the treatment of rows that a clock which was
 * ahead has dated in the future (DOMAIN 7).
 */
#ifndef CC_STORE_CLOCK_H
#define CC_STORE_CLOCK_H

#include "store/store.h"

struct clock_memory {
    int64_t proven_ms;       /* UTC that has passed for certain: rows are swept by it; 0 = none */
    int64_t future_until_ms; /* rows dated up to then await a person; 0 = none do */
    int64_t anchor_ms;       /* wall minus boot when the clock was believed; 0 = never */
    bool distrusts_network;  /* a person has accepted the clock against the network's time */
};

enum cc_err clock_memory_read(struct store *store, struct clock_memory *ret) CC_MUST_CHECK;
/* Inside a turn. */
enum cc_err clock_memory_write(struct store *store,
                               const struct clock_memory *memory) CC_MUST_CHECK;
/*
 * The clock was ahead, at most at latest_ms, and is now_ms: requests dated more than
 * CLOCK_FUTURE_MS later are never usable again, also when that time has come, and their messages
 * and mails, as all of that time, are not sent. No row is deleted; what such a request keeps for
 * its resend goes with the next sweeps (requests_erase_expired()), as of one that has expired.
 * Inside a turn.
 */
enum cc_err clock_void_future(struct store *store, int64_t now_ms, int64_t latest_ms) CC_MUST_CHECK;
/* A person has looked: rows dated in the future are deleted, messages that came in are dated now.
 * Not bounded: a rare act. Inside a turn. */
enum cc_err clock_forget_future(struct store *store, int64_t now_ms) CC_MUST_CHECK;
/* Reads which requests are void, at the opening of the store. */
enum cc_err clock_load_void(struct store *store) CC_MUST_CHECK;

#endif
