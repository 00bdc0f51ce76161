/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Drives the clocks of a real program: preloaded, it adds the numbers found in the file
 * CC_CLOCK_FILE (mapped; machine order, eight bytes each; what is missing is 0) to what it reads:
 *
 *   wall   milliseconds for CLOCK_REALTIME
 *   boot   milliseconds for CLOCK_BOOTTIME, beside those of mono
 *   mono   milliseconds for CLOCK_MONOTONIC and CLOCK_BOOTTIME
 *   sync   1: adjtimex(2) says that a time service keeps the clock; else that none does
 *
 * and writes behind them the mono that its timers have followed, for who drives it to wait for.
 * Behind that, 1: the machine is a board without a clock of its own; and the mono that the timers
 * of the simulated modem have followed.
 *
 * Under CC_CLOCK_TRUE the wall clock is right: it is ahead by boot and mono. For the simulated
 * modem, whose network tells the true time.
 *
 * Timers set for an instant of CLOCK_MONOTONIC (timerfd) follow mono, also when it moves while they
 * wait. The program itself has no test door for this.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

struct offsets {
    int64_t wall_ms, boot_ms, mono_ms, is_synchronised, followed_ms, lacks_rtc, modem_followed_ms;
};

#define DEVICE_TREE "/sys/firmware/devicetree/base"

enum { TIMERS_MAX = 256, LOOK_NS = 2000000, BILLION = 1000000000 };

static volatile struct offsets *offsets;
static bool is_true;
static int watch = -1; /* tells when the file is written to */
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_timerfd_settime)(int, int, const struct itimerspec *, struct itimerspec *);
static int (*real_adjtimex)(struct timex *);
static int (*real_access)(const char *, int);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct itimerspec waiting[TIMERS_MAX]; /* by descriptor, in the program's time */
static bool is_waiting[TIMERS_MAX];

static void find(const char *name, void *ret) /* POSIX's way from object to function */
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(ret, &symbol, sizeof(symbol));
}

static void add_ms(struct timespec *t, int64_t ms)
{
    t->tv_sec += (time_t)(ms / 1000);
    t->tv_nsec += (long)(ms % 1000) * 1000000;
    if (t->tv_nsec >= BILLION) {
        t->tv_nsec -= BILLION;
        t->tv_sec++;
    } else if (t->tv_nsec < 0) {
        t->tv_nsec += BILLION;
        t->tv_sec--;
    }
}

/* An instant that the machine's clock has never seen, or 0, which would switch the timer off. */
static struct itimerspec in_real_time(struct itimerspec when)
{
    add_ms(&when.it_value, -offsets->mono_ms);
    if (when.it_value.tv_sec < 0 || (when.it_value.tv_sec == 0 && when.it_value.tv_nsec == 0))
        when.it_value = (struct timespec){0, 1};
    return when;
}

static void rearm_all(void)
{
    pthread_mutex_lock(&lock);
    for (int fd = 0; fd < TIMERS_MAX; fd++) {
        if (!is_waiting[fd])
            continue;
        struct itimerspec when = in_real_time(waiting[fd]);
        if (real_timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL) != 0)
            is_waiting[fd] = false; /* closed, and another kind of file now */
    }
    pthread_mutex_unlock(&lock);
}

/* Until the file is written to; the pause is for a machine that lets nobody watch one more file. */
static void wait_for_writing(void)
{
    const struct timespec pause = {0, LOOK_NS};
    char event[sizeof(struct inotify_event) + NAME_MAX + 1];
    if (watch < 0 || read(watch, event, sizeof(event)) <= 0)
        nanosleep(&pause, NULL);
}

static void *follow(void *unused)
{
    int64_t seen_ms = offsets->mono_ms;
    (void)unused;
    for (;;) {
        if (offsets->mono_ms != seen_ms) {
            seen_ms = offsets->mono_ms;
            rearm_all();
        }
        if (is_true)
            offsets->modem_followed_ms = seen_ms;
        else
            offsets->followed_ms = seen_ms;
        wait_for_writing();
    }
    return NULL;
}

/* The thread takes no signal: those are the program's. */
static void start_thread(void)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, follow, NULL) == 0)
        pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("CC_CLOCK_FILE");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    find("clock_gettime", &real_clock_gettime);
    find("timerfd_settime", &real_timerfd_settime);
    find("adjtimex", &real_adjtimex);
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof(struct offsets), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return;
    is_true = getenv("CC_CLOCK_TRUE") != NULL;
    offsets = map;
    watch = inotify_init1(IN_CLOEXEC);
    if (watch >= 0 && inotify_add_watch(watch, path, IN_MODIFY) < 0) {
        close(watch);
        watch = -1;
    }
    start_thread();
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    if (real_clock_gettime == NULL)
        find("clock_gettime", &real_clock_gettime);
    int result = real_clock_gettime(id, t);
    if (result != 0 || offsets == NULL)
        return result;
    if (id == CLOCK_REALTIME)
        add_ms(t, is_true ? offsets->boot_ms + offsets->mono_ms : offsets->wall_ms);
    else if (id == CLOCK_BOOTTIME)
        add_ms(t, offsets->boot_ms + offsets->mono_ms);
    else if (id == CLOCK_MONOTONIC)
        add_ms(t, offsets->mono_ms);
    return result;
}

/* Timers for a span of time, and of other clocks than CLOCK_MONOTONIC, are none of the program's.
 */
int timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *old)
{
    if (real_timerfd_settime == NULL)
        find("timerfd_settime", &real_timerfd_settime);
    bool is_instant = (flags & TFD_TIMER_ABSTIME) != 0 && (flags & TFD_TIMER_CANCEL_ON_SET) == 0;
    if (offsets == NULL || !is_instant || fd < 0 || fd >= TIMERS_MAX)
        return real_timerfd_settime(fd, flags, when, old);
    pthread_mutex_lock(&lock);
    is_waiting[fd] = when->it_value.tv_sec != 0 || when->it_value.tv_nsec != 0;
    waiting[fd] = *when;
    struct itimerspec moved = is_waiting[fd] ? in_real_time(*when) : *when;
    int result = real_timerfd_settime(fd, flags, &moved, old);
    pthread_mutex_unlock(&lock);
    return result;
}

int access(const char *path, int mode)
{
    if (offsets != NULL && offsets->lacks_rtc != 0 && strncmp(path, "/sys/class/rtc/", 15) == 0)
        return -1;
    if (offsets != NULL && offsets->lacks_rtc != 0 && strcmp(path, DEVICE_TREE) == 0)
        return 0;
    if (real_access == NULL)
        find("access", &real_access);
    return real_access(path, mode); /* umockdev's, where that is behind us */
}

int adjtimex(struct timex *state)
{
    if (offsets == NULL)
        return real_adjtimex(state);
    state->status = offsets->is_synchronised != 0 ? STA_PLL : STA_UNSYNC;
    return offsets->is_synchronised != 0 ? TIME_OK : TIME_ERROR;
}
