/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Records a point a minute of each modem and of the queue, and the rungs of recoveries;
 * and the network's time as a witness of the box's clock. It never sets a clock.
 */
#ifndef CC_SERVICE_WATCH_H
#define CC_SERVICE_WATCH_H

#include "domain/clock_trust.h"
#include "pool/pool.h"
#include "store/samples.h"

#include <stdbool.h>
#include <stdint.h>

struct service;

/* Last facts of a modem; a zeroed one has none. */
struct watch_modem {
    const struct modem *modem;            /* NULL = free */
    int64_t stored_us;                    /* loop_now_us() of its last point */
    unsigned long sent, refused, unknown; /* as its counters were then */
    struct clock_witness network;         /* the time that its network tells */
    int64_t told_boot_ms;                 /* … last, by the boot clock */
    bool has_warned;
};

enum { WATCH_HELD_MAX = 8 * POOL_MAX, WATCH_LOOKS_MAX = 8 };

/* A point that is not written yet. */
struct watch_held {
    struct samples_point point;
    int64_t at_ms;
};

/* A look at the queue that is not written yet. */
struct watch_look {
    int64_t queued, at_ms;
};

/*
 * Points wait for a turn that writes anyhow, at most five minutes: a commit for each would be the
 * most that an idle box writes to its disk. What waits is lost with the power, and missing from the
 * history until then.
 */
struct watch {
    struct watch_modem modems[POOL_MAX];
    struct watch_held held[WATCH_HELD_MAX];
    size_t held_count, held_in_turn; /* the first of them, until their commit */
    struct watch_look looks[WATCH_LOOKS_MAX];
    size_t look_count, looks_in_turn;
    int64_t looked_us;  /* loop_now_us() of the last look; 0 = never */
    int64_t written_us; /* when points were written last; 0 = never: the first is at once */
};

/* True when points wait that the turn under way has not written. */
bool watch_has_points(const struct watch *watch);
/* Writes the points that wait. Inside a turn. Errors: CC_ERR_DB. */
enum cc_err watch_write(struct service *service) CC_MUST_CHECK;
/* A round of questions has ended: at most one point a minute and modem. */
void watch_sampled(struct service *service, struct modem *modem, const struct modem_sample *sample);
/* A rung of the ladder begins or ends. */
void watch_recovery(struct service *service, struct modem *modem,
                    const struct modem_recovery *recovery);
/* Once a minute, inside a turn: looks at the queue; and modems that had no round get a point too,
 * without readings, so that the series tells how long they could not send. Errors: CC_ERR_DB. */
enum cc_err watch_minute(struct service *service, struct pool *pool, int64_t now_ms) CC_MUST_CHECK;
/*
 * Compares the wall clock with the networks' time. A network that confirms it outweighs one that
 * denies it. *ret_fresh: the last reading of the network that has spoken is not older than ten
 * minutes.
 */
enum clock_network watch_network_time(const struct watch *watch, int64_t wall_ms, int64_t boot_ms,
                                      bool *ret_fresh);
/* The time that some network told last, carried on to now; false if none did. */
bool watch_network_guess(const struct watch *watch, int64_t boot_ms, int64_t *ret_ms);

#endif
