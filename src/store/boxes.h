/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The boxes that share a database: each says every few seconds that it is there and when it could
 * send last. What waits at a box that cannot send goes by another. Nothing of it is done in a
 * database of one box. Times are UTC ms of the box that wrote them: whose are after `gone_ms` is
 * there (service/boxes.h).
 */
#ifndef CC_STORE_BOXES_H
#define CC_STORE_BOXES_H

#include "store/store.h"

enum {
    BOXES_BEAT_MS = 3000,
    BOXES_GONE_MS = 15000, /* silence after which a box is taken for one that is gone */
    BOXES_FORGET_MS = 7 * 24 * 3600 * 1000,
    BOXES_MAX = 16, /* that are told of */
};

/* Facts that a box tells of itself with each beat. */
struct box_state {
    bool can_send;
    bool leads;            /* see store/db_lead.h */
    int64_t modems, ready; /* its modems, and those of them that can send */
};

struct box_row {
    char name[STORE_BOX_SIZE];
    int64_t seen_ms, sends_ms; /* UTC: its last beat; the last one with which it could send, or 0 */
    struct box_state state;    /* as of its last beat */
};

/* Notes that this box is there, and if so that it can send. */
enum cc_err boxes_beat(struct store *store, int64_t now_ms,
                       const struct box_state *state) CC_MUST_CHECK;
/* The first `max` by their names. */
enum cc_err boxes_list(struct store *store, struct box_row *rows, size_t max,
                       size_t *ret_count) CC_MUST_CHECK;
/* Forgets boxes that have been silent for BOXES_FORGET_MS. */
enum cc_err boxes_forget(struct store *store, int64_t now_ms) CC_MUST_CHECK;
/* Makes messages this box's own that have waited for a beat at the one with most of them: half of
 * what it has more, up to `most`, the oldest first. *ret_count is how many. */
enum cc_err boxes_share(struct store *store, int64_t now_ms, int64_t most,
                        int64_t *ret_count) CC_MUST_CHECK;
/* The mails of boxes that are gone become this one's; those that were being sent may have gone out,
 * and wait until not_before_ms. */
enum cc_err boxes_take_mails(struct store *store, int64_t gone_ms, int64_t not_before_ms,
                             int64_t *ret_count) CC_MUST_CHECK;
/*
 * Makes messages this box's own, for a box that can send: those that wait at one which could not
 * after gone_ms, unless they are for a modem by name; and of a box that is gone those in
 * flight, which are then of unknown outcome until window_ends_ms, and those that were so already.
 * *ret_count is how many.
 */
enum cc_err boxes_take_over(struct store *store, int64_t gone_ms, int64_t window_ends_ms,
                            int64_t *ret_count) CC_MUST_CHECK;

/*
 * Gives the rows of a database that only this box can write to the name of this box, where it has
 * changed since the last start. Changes nothing in a shared database or in a store without a name.
 */
enum cc_err box_adopt_rows(struct store *store) CC_MUST_CHECK;

#endif
