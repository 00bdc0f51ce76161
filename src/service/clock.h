/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The wall clock, watched (DOMAIN 7): while it cannot be believed nothing is served, sent or swept,
 * and what must be written down all the same is dated by the best other clock. The rules are in
 * domain/clock_trust.h; here are its memory, its witnesses and the words for a person.
 */
#ifndef CC_SERVICE_CLOCK_H
#define CC_SERVICE_CLOCK_H

#include "base/buf.h"
#include "base/err.h"
#include "domain/clock_trust.h"
#include "store/clock.h"

#include <stdbool.h>
#include <stdint.h>

struct caller; /* service/caller.h */

struct service;

/* A zeroed one has not begun. All times in milliseconds. */
struct service_clock {
    bool is_known;      /* the store's memory of the clock has been read */
    int64_t highest_ms; /* the highest time that was believed */
    int64_t stored_ms;  /* … and the one in the store, at most a minute older */
    struct clock_memory memory;
    bool is_guess; /* as in struct clock_readings */
    bool is_anchored;
    int64_t anchor_ms;          /* wall minus boot when the clock was believed */
    int64_t proven_ms;          /* proven time minus boot */
    enum clock_verdict told;    /* the verdict that the log has told */
    enum clock_network network; /* the word of the network at the last look */
    bool is_synchronised;       /* the word of the kernel a minute ago: to ask takes 5 µs */
};

/* Reading of the clocks, with the verdict on them. */
struct clock_state {
    enum clock_verdict verdict;
    int64_t wall_ms, boot_ms;
    int64_t wait_ms; /* with CLOCK_WAIT */
    enum clock_network network;
};

/* Writes nothing. Errors: CC_ERR_DB. */
enum cc_err service_look_at_clock(struct service *service, struct clock_state *ret) CC_MUST_CHECK;
bool service_clock_is_good(struct service *service);
/*
 * Before anything is served; raises the highest time, at most once a minute. Inside a turn, whose
 * undoing does no harm. Errors: CC_ERR_CLOCK_UNRELIABLE, CC_ERR_DB.
 */
enum cc_err service_check_clock(struct service *service) CC_MUST_CHECK;
/*
 * Once a minute, in a turn of its own: takes over a clock that a witness has confirmed, and raises
 * the highest time when nobody asks for anything. *ret_sweep_ms: UTC that has passed
 * for certain, for sweeping rows: the wall clock's time only if a witness has confirmed it.
 * Errors: CC_ERR_CLOCK_UNRELIABLE, CC_ERR_DB.
 */
enum cc_err service_tend_clock(struct service *service, int64_t *ret_sweep_ms) CC_MUST_CHECK;
/* *ret_ms as service_tend_clock() tells it; writes nothing. False: the clock is not reliable. */
bool service_find_sweep_time(struct service *service, int64_t *ret_ms) CC_MUST_CHECK;
/* UTC ms to date a row with: the wall clock's, or the best guess while that is not believed. */
int64_t service_now_ms(struct service *service);
/* Seconds until requests are served again; 0 = nobody knows, or they are. */
int64_t service_clock_wait_s(struct service *service);
/*
 * A person has checked the clock: what it says now is right, whatever was seen before and whatever
 * the network says; rows dated in the future are forgotten. Inside a turn; audited.
 */
enum cc_err service_accept_clock(struct service *service,
                                 const struct caller *caller) CC_MUST_CHECK;
/* Appends what is wrong with the clock and what to do, in Spanish; nothing if all is well. */
void service_clock_advice(struct service *service, struct buf *out);

#endif
