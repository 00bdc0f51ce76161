/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The one event loop (DESIGN decision 1): a thin face over sd-event(3) with the four sources that
 * the house needs, and the clocks that everything on the loop reads (DESIGN decision 10). Callbacks
 * are never called from inside the call that registered them, and a source may be freed in its own
 * callback. Errors of allocation end the process: a loop without memory cannot serve anything.
 */
#ifndef CC_BASE_LOOP_H
#define CC_BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_source;

/* Lower runs first; a source runs only when nothing before it is ready. */
enum loop_priority {
    LOOP_PRIORITY_URGENT = -10, /* the bound on how long a commit may wait */
    LOOP_PRIORITY_NORMAL = 0,
    LOOP_PRIORITY_AFTER = 50,   /* once per turn, before the commit */
    LOOP_PRIORITY_COMMIT = 100, /* end of the turn */
    LOOP_PRIORITY_IDLE = 200    /* when even that is done: what may wait for everything else */
};

typedef void (*loop_fn)(void *user);
/* `events` are epoll's: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR. */
typedef void (*loop_fd_fn)(uint32_t events, void *user);

struct loop *loop_new(void);
void loop_free(struct loop *loop);
/* Runs until loop_exit(); returns its code. */
int loop_run(struct loop *loop);
void loop_exit(struct loop *loop, int code);
/* For tests: one pass, which waits at most timeout_us (0 = only what is ready). Returns whether
 * a source was ready or, of a driven loop, has become due. */
bool loop_step(struct loop *loop, uint64_t timeout_us);
/*
 * For tests, before the first timer is added: takes the three clocks of the loop from the kernel.
 * They stand still but for loop_step(), which does not wait: a pass without a ready source moves
 * them to the next timer, at most by timeout_us. The wall clock begins at wall_ms; a later call
 * sets it, and the other two stay as they are.
 */
void loop_drive(struct loop *loop, int64_t wall_ms);
/* Answers systemd's watchdog (WATCHDOG_USEC) from this loop, if the service asks for one. */
void loop_enable_watchdog(struct loop *loop);

/* Microseconds of CLOCK_MONOTONIC: for deadlines and durations. */
int64_t loop_now_us(const struct loop *loop);
/* The loop_now_us() at which the pass under way began; no clock is read for it. */
int64_t loop_pass_us(const struct loop *loop);
/* Milliseconds of CLOCK_BOOTTIME: as loop_now_us(), and the time asleep counts too. */
int64_t loop_boot_ms(const struct loop *loop);
/* UTC, milliseconds since 1970. */
int64_t loop_wall_ms(const struct loop *loop);

/* Watches fd, which stays the caller's. */
struct loop_source *loop_add_fd(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn,
                                void *user);
void loop_fd_set_events(struct loop_source *source, uint32_t events);
/* A timer that is off until loop_timer_set(); one shot per setting. */
struct loop_source *loop_add_timer(struct loop *loop, enum loop_priority priority, loop_fn fn,
                                   void *user);
/* Units: microseconds of loop_now_us(). A deadline in the past fires on the next pass. */
void loop_timer_set(struct loop_source *source, int64_t deadline_us);
/* The same for an instant so many microseconds from now. */
void loop_timer_in(struct loop_source *source, int64_t wait_us);
void loop_timer_clear(struct loop_source *source);
/* Lets a timer fire as much as a second late: those that can wait wake the processor together. */
void loop_timer_loosen(struct loop_source *source);
/* A source that runs once on a later pass each time it is armed. */
struct loop_source *loop_add_deferred(struct loop *loop, enum loop_priority priority, loop_fn fn,
                                      void *user);
void loop_deferred_arm(struct loop_source *source);
/* A source that runs each time when all that was ready has run, before the loop waits. */
struct loop_source *loop_add_post(struct loop *loop, loop_fn fn, void *user);
/* How many callbacks of other sources have been called so far. */
uint64_t loop_dispatched(const struct loop *loop);
/* Blocks signo in the process and hears it here. */
struct loop_source *loop_add_signal(struct loop *loop, int signo, loop_fn fn, void *user);
void loop_source_free(struct loop_source *source);
/* The sd-event(3) of the loop, for the parts of libsystemd that attach themselves to one. */
struct sd_event *loop_event(struct loop *loop);

#endif
