/* SPDX-License-Identifier: EUPL-1.2 */
/* The modems of the box: which of them may take the next message. */
#ifndef CC_POOL_POOL_H
#define CC_POOL_POOL_H

#include "modem/modem.h"

#include <stddef.h>

enum { POOL_MAX = MODEM_MAX };

struct pool;

/* Limits of a SIM; 0 = no limit. */
struct pool_limits {
    unsigned per_minute; /* in any 60 s; at most PACE_PER_MINUTE_MAX */
    unsigned per_day;    /* in any 24 h */
};

struct pool *pool_new(void);
void pool_free(struct pool *pool); /* frees its modems */
/* Errors: CC_ERR_NO_SPACE. Owns: modem, from then on. */
enum cc_err pool_add(struct pool *pool, struct modem *modem,
                     const struct pool_limits *limits) CC_MUST_CHECK;
size_t pool_count(const struct pool *pool);
struct modem *pool_at(const struct pool *pool, size_t index);
/* By its name; NULL if there is none. */
struct modem *pool_find(const struct pool *pool, const char *name);
/*
 * The idle ready modems whose pace of the minute allows one more, least loaded first, among equals
 * the one that has waited longest. Units: now_ms of the monotonic clock, as in all of these.
 */
size_t pool_idle(const struct pool *pool, int64_t now_ms, struct modem *ret[POOL_MAX]);
/* In the same way those that are sending, and will take another when that is done. */
size_t pool_sending(const struct pool *pool, int64_t now_ms, struct modem *ret[POOL_MAX]);
/* Counts a message that was given to this modem. */
void pool_note(struct pool *pool, const struct modem *modem, int64_t now_ms);
/* Uncounts the message that was counted last for this modem: it was not sent. */
void pool_take_back(struct pool *pool, const struct modem *modem);
/* How its last message went: one that did not even take it is left out for a minute while another
 * is ready, so that a modem that only seems to work does not eat the queue. */
void pool_note_end(struct pool *pool, const struct modem *modem, bool took_it, int64_t now_ms);
unsigned pool_per_day(const struct pool *pool, const struct modem *modem);
/* When the next of those that only their pace holds back may go on; INT64_MAX if none. */
int64_t pool_free_at(const struct pool *pool, int64_t now_ms);
bool pool_is_ready(const struct pool *pool);
/* Whether another than this one is ready. */
bool pool_has_other(const struct pool *pool, const struct modem *modem);

#endif
