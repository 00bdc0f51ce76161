/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/loop.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <systemd/sd-event.h>

enum { MS = 1000, LOOSE_US = 1000 * MS };

LIST_HEAD(loop_timers, loop_source);

/* The clocks of a loop that a test drives. */
struct driven_clock {
    bool is_on;
    int64_t now_us;
    int64_t wall_ms; /* at now_us = 0 */
    struct loop_timers timers;
};

struct loop {
    sd_event *event;
    uint64_t dispatched;
    struct driven_clock driven;
};

struct loop_source {
    struct loop *loop;
    sd_event_source *source;
    LIST_ENTRY(loop_source) timers; /* of a driven loop… */
    int64_t driven_us;              /* …that this one waits for; INT64_MAX = it is off or due */
    loop_fn fn;
    loop_fd_fn fd_fn;
    void *user;
};

/* Every failure here is lack of memory or a bug of ours: nothing can be served without the loop. */
static void must_succeed(int result, const char *what)
{
    if (result >= 0)
        return;
    log_error("bucle de eventos: %s: %s", what, err_system_text(-result));
    abort();
}

static struct loop_source *source_new(struct loop *loop, loop_fn fn, void *user)
{
    struct loop_source *source = alloc_or_abort(sizeof(*source));
    source->loop = loop;
    source->fn = fn;
    source->user = user;
    return source;
}

struct loop *loop_new(void)
{
    struct loop *loop = alloc_or_abort(sizeof(*loop));
    must_succeed(sd_event_new(&loop->event), "crear");
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    sd_event_unref(loop->event);
    free(loop);
}

struct sd_event *loop_event(struct loop *loop)
{
    return loop->event;
}

int loop_run(struct loop *loop)
{
    int code = sd_event_loop(loop->event);
    must_succeed(code, "esperar");
    return code;
}

void loop_exit(struct loop *loop, int code)
{
    must_succeed(sd_event_exit(loop->event, code), "terminar");
}

void loop_drive(struct loop *loop, int64_t wall_ms)
{
    struct driven_clock *driven = &loop->driven;
    if (!driven->is_on)
        *driven = (struct driven_clock){.is_on = true, .now_us = clock_mono_us()};
    driven->wall_ms = wall_ms - driven->now_us / MS;
}

/* Moves the driven clocks to the next timer, at most by limit_us. True: a timer is due. */
static bool advance_clock(struct loop *loop, int64_t limit_us)
{
    struct loop_source *first = LIST_FIRST(&loop->driven.timers);
    bool is_due = false;
    int64_t to_us = loop->driven.now_us + limit_us;
    for (struct loop_source *s = first; s != NULL; s = LIST_NEXT(s, timers))
        if (s->driven_us < to_us)
            to_us = s->driven_us;
    loop->driven.now_us = to_us;
    for (struct loop_source *s = first; s != NULL; s = LIST_NEXT(s, timers))
        if (s->driven_us <= to_us) {
            loop_timer_set(s, s->driven_us);
            is_due = true;
        }
    return is_due;
}

bool loop_step(struct loop *loop, uint64_t timeout_us)
{
    int handled = sd_event_run(loop->event, loop->driven.is_on ? 0 : timeout_us);
    must_succeed(handled, "esperar");
    if (loop->driven.is_on && handled == 0)
        return advance_clock(loop, (int64_t)timeout_us);
    return handled > 0;
}

void loop_enable_watchdog(struct loop *loop)
{
    must_succeed(sd_event_set_watchdog(loop->event, true), "vigilancia");
}

int64_t loop_now_us(const struct loop *loop)
{
    return loop->driven.is_on ? loop->driven.now_us : clock_mono_us();
}

int64_t loop_pass_us(const struct loop *loop)
{
    uint64_t pass_us = 0;
    if (loop->driven.is_on)
        return loop->driven.now_us;
    must_succeed(sd_event_now(loop->event, CLOCK_MONOTONIC, &pass_us), "reloj");
    return (int64_t)pass_us;
}

int64_t loop_boot_ms(const struct loop *loop)
{
    return loop->driven.is_on ? loop->driven.now_us / MS : clock_boot_ms();
}

int64_t loop_wall_ms(const struct loop *loop)
{
    const struct driven_clock *driven = &loop->driven;
    return driven->is_on ? driven->wall_ms + driven->now_us / MS : clock_wall_ms();
}

static int on_io(sd_event_source *event_source, int fd, uint32_t events, void *user)
{
    struct loop_source *source = user;
    (void)event_source;
    (void)fd;
    source->loop->dispatched++;
    source->fd_fn(events, source->user); /* may free the source */
    return 0;
}

struct loop_source *loop_add_fd(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn,
                                void *user)
{
    struct loop_source *source = source_new(loop, NULL, user);
    source->fd_fn = fn;
    must_succeed(sd_event_add_io(loop->event, &source->source, fd, events, on_io, source),
                 "descriptor");
    return source;
}

void loop_fd_set_events(struct loop_source *source, uint32_t events)
{
    must_succeed(sd_event_source_set_io_events(source->source, events), "descriptor");
}

static int on_time(sd_event_source *event_source, uint64_t usec, void *user)
{
    struct loop_source *source = user;
    (void)event_source;
    (void)usec;
    source->loop->dispatched++;
    source->fn(source->user);
    return 0;
}

static int on_defer(sd_event_source *event_source, void *user)
{
    struct loop_source *source = user;
    (void)event_source;
    source->loop->dispatched++;
    source->fn(source->user);
    return 0;
}

static int on_post(sd_event_source *event_source, void *user)
{
    struct loop_source *source = user;
    (void)event_source;
    source->fn(source->user);
    return 0;
}

struct loop_source *loop_add_timer(struct loop *loop, enum loop_priority priority, loop_fn fn,
                                   void *user)
{
    struct loop_source *source = source_new(loop, fn, user);
    if (loop->driven.is_on) { /* armed when its moment has come */
        must_succeed(sd_event_add_defer(loop->event, &source->source, on_defer, source), "reloj");
        LIST_INSERT_HEAD(&loop->driven.timers, source, timers);
    } else {
        /* accuracy 1 us: sd-event's default of 250 ms would coarsen every deadline of the house */
        must_succeed(
            sd_event_add_time(loop->event, &source->source, CLOCK_MONOTONIC, 0, 1, on_time, source),
            "reloj");
    }
    must_succeed(sd_event_source_set_priority(source->source, priority), "reloj");
    loop_timer_clear(source);
    return source;
}

void loop_timer_set(struct loop_source *source, int64_t deadline_us)
{
    const struct driven_clock *driven = &source->loop->driven;
    uint64_t at = deadline_us > 0 ? (uint64_t)deadline_us : 0;
    source->driven_us = INT64_MAX;
    if (driven->is_on && deadline_us > driven->now_us) {
        loop_timer_clear(source);
        source->driven_us = deadline_us;
        return;
    }
    if (!driven->is_on)
        must_succeed(sd_event_source_set_time(source->source, at), "reloj");
    must_succeed(sd_event_source_set_enabled(source->source, SD_EVENT_ONESHOT), "reloj");
}

void loop_timer_in(struct loop_source *source, int64_t wait_us)
{
    loop_timer_set(source, loop_now_us(source->loop) + wait_us);
}

void loop_timer_clear(struct loop_source *source)
{
    source->driven_us = INT64_MAX;
    must_succeed(sd_event_source_set_enabled(source->source, SD_EVENT_OFF), "reloj");
}

void loop_timer_loosen(struct loop_source *source)
{
    if (!source->loop->driven.is_on)
        must_succeed(sd_event_source_set_time_accuracy(source->source, LOOSE_US), "reloj");
}

struct loop_source *loop_add_deferred(struct loop *loop, enum loop_priority priority, loop_fn fn,
                                      void *user)
{
    struct loop_source *source = source_new(loop, fn, user);
    must_succeed(sd_event_add_defer(loop->event, &source->source, on_defer, source), "aplazado");
    must_succeed(sd_event_source_set_enabled(source->source, SD_EVENT_OFF), "aplazado");
    must_succeed(sd_event_source_set_priority(source->source, priority), "aplazado");
    return source;
}

void loop_deferred_arm(struct loop_source *source)
{
    must_succeed(sd_event_source_set_enabled(source->source, SD_EVENT_ONESHOT), "aplazado");
}

struct loop_source *loop_add_post(struct loop *loop, loop_fn fn, void *user)
{
    struct loop_source *source = source_new(loop, fn, user);
    must_succeed(sd_event_add_post(loop->event, &source->source, on_post, source), "final");
    return source;
}

uint64_t loop_dispatched(const struct loop *loop)
{
    return loop->dispatched;
}

static int on_signal(sd_event_source *event_source, const struct signalfd_siginfo *info, void *user)
{
    struct loop_source *source = user;
    (void)event_source;
    (void)info;
    source->loop->dispatched++;
    source->fn(source->user);
    return 0;
}

struct loop_source *loop_add_signal(struct loop *loop, int signo, loop_fn fn, void *user)
{
    struct loop_source *source = source_new(loop, fn, user);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(SIG_BLOCK, &set, NULL);
    must_succeed(sd_event_add_signal(loop->event, &source->source, signo, on_signal, source),
                 "aviso del sistema");
    return source;
}

void loop_source_free(struct loop_source *source)
{
    if (source == NULL)
        return;
    if (source->timers.le_prev != NULL)
        LIST_REMOVE(source, timers);
    sd_event_source_disable_unref(source->source);
    free(source);
}
