/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The boxes that share a database: each says every few seconds that it is there and when it could
 * send last. What waits at a box that cannot send goes by another. Nothing of it is done in a
 * database of one box. Times are UTC ms of the box that calls; a difference of some seconds between
 * the clocks of two boxes makes one wait for the other that much longer or shorter.
 */
#ifndef CC_STORE_BOXES_H
#define CC_STORE_BOXES_H

#include "store/store.h"

enum {
    BOXES_BEAT_MS = 3000,
    BOXES_GONE_MS = 15000, /* silence after which a box is taken for one that is gone */
};

/* Notes that this box is there, and if so that it can send. Errors: CC_ERR_DB, CC_ERR_DB_BUSY. */
enum cc_err boxes_beat(struct store *store, int64_t now_ms, bool can_send) CC_MUST_CHECK;
/*
 * Makes messages this box's own, for a box that can send: those that wait at one which could not
 * for BOXES_GONE_MS, unless they are for a modem by name; and of a box that is gone those in
 * flight, which are then of unknown outcome until window_ends_ms, and those that were so already.
 * *ret_count is how many. Errors: CC_ERR_DB, CC_ERR_DB_BUSY.
 */
enum cc_err boxes_take_over(struct store *store, int64_t now_ms, int64_t window_ends_ms,
                            int64_t *ret_count) CC_MUST_CHECK;

#endif
