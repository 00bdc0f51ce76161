/* SPDX-License-Identifier: EUPL-1.2 */
/* Lists and counts of the outbox, for people. */
#ifndef CC_STORE_OUTBOX_LIST_H
#define CC_STORE_OUTBOX_LIST_H

#include "store/outbox.h"

/* For the queue list: newest first, at most max, text left out. visit returns false to stop. */
enum cc_err outbox_list(struct store *store, int64_t max,
                        bool (*visit)(const struct outbox_message *, void *user),
                        void *user) CC_MUST_CHECK;
/* How a message went, without what is personal. Units: UTC ms; 0 = it has not. */
struct outbox_fate {
    int64_t id;
    enum outbox_state state;
    int64_t created_ms, sent_ms, done_ms;
    char modem[OUTBOX_MODEM_SIZE]; /* "" = none yet */
};
/* Of one message for a person at the desk: a code of a mobile, or a notice. Errors:
 * CC_ERR_NOT_FOUND. */
enum cc_err outbox_find_fate(struct store *store, int64_t id,
                             struct outbox_fate *ret) CC_MUST_CHECK;
/* When the newest message to this phone was asked for, UTC ms; 0 = none. */
enum cc_err outbox_newest_to(struct store *store, const char *phone, int64_t *ret_ms) CC_MUST_CHECK;
/* The newest max messages of this box before that id, newest first. visit returns false to stop. */
enum cc_err outbox_list_fates(struct store *store, int64_t before_id, int64_t max,
                              bool (*visit)(const struct outbox_fate *, void *user),
                              void *user) CC_MUST_CHECK;
/* Messages of a class that wait in the queue. Units: UTC ms; 0 = none waits. */
struct outbox_waiting {
    int64_t count, oldest_ms, first_expiry_ms;
};
enum cc_err outbox_look_waiting(struct store *store, enum outbox_class class_,
                                struct outbox_waiting *ret) CC_MUST_CHECK;
/* When the oldest of those that wait was asked for, and when the first of them may go, UTC ms; 0 if
 * none waits. */
enum cc_err outbox_oldest(struct store *store, int64_t *ret_ms,
                          int64_t *ret_next_try_ms) CC_MUST_CHECK;
/* Finished messages of a state that are counted: a month of them must not hold the loop. */
enum { OUTBOX_COUNTED_MAX = 50000 };
/* How many are in a state, of the finished ones OUTBOX_COUNTED_MAX at most. */
enum cc_err outbox_count(struct store *store, enum outbox_state state, int64_t *ret) CC_MUST_CHECK;

struct outbox_period {
    int64_t after_ms, until_ms; /* UTC */
};
/* When this modem was given its last messages of the period, UTC ms, oldest first; at most max. */
enum cc_err outbox_list_taken(struct store *store, const char *modem,
                              const struct outbox_period *period, int64_t *ret_ms, size_t max,
                              size_t *ret_count) CC_MUST_CHECK;

/* Messages that are on their way by a modem of this box, at most max. */
enum cc_err outbox_list_claimed(struct store *store, int64_t *ids, size_t max,
                                size_t *ret_count) CC_MUST_CHECK;

#endif
