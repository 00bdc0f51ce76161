/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Measures a real daemon's loop: preloaded, it notes for each stretch between two waits for events
 * how much processor time the thread took and how long the stretch was. The figures are in the file
 * CC_TURNS_FILE (struct turns, machine order, mapped), where who measures sets them to zero. The
 * processor's time is the daemon's own, whatever else the machine does; the rest of a stretch is
 * the disk, or another program's turn.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { LONG_US = 5000 };

struct turns {
    int64_t count, longest_cpu_us, long_cpu_count, longest_us, long_count;
};

static struct turns *turns;
static int64_t began_us, began_cpu_us;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("CC_TURNS_FILE");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof(struct turns), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED)
        turns = map;
}

static int64_t read_us(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void note(int64_t us, int64_t *longest, int64_t *long_count)
{
    if (us > *longest)
        *longest = us;
    *long_count += us > LONG_US;
}

static void end_turn(void)
{
    if (turns == NULL || began_us == 0)
        return;
    turns->count++;
    note(read_us(CLOCK_THREAD_CPUTIME_ID) - began_cpu_us, &turns->longest_cpu_us,
         &turns->long_cpu_count);
    note(read_us(CLOCK_MONOTONIC) - began_us, &turns->longest_us, &turns->long_count);
}

static void begin_turn(void)
{
    if (turns == NULL || getpid() != gettid())
        return;
    began_us = read_us(CLOCK_MONOTONIC);
    began_cpu_us = read_us(CLOCK_THREAD_CPUTIME_ID);
}

/* POSIX's way from the object that dlsym() gives to a function. */
static void find_next(const char *name, void *ret)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(ret, &symbol, sizeof(symbol));
}

int epoll_wait(int fd, struct epoll_event *events, int most, int timeout_ms)
{
    static int (*next)(int, struct epoll_event *, int, int);
    if (next == NULL)
        find_next("epoll_wait", &next);
    end_turn();
    int found = next(fd, events, most, timeout_ms);
    begin_turn();
    return found;
}

int epoll_pwait2(int fd, struct epoll_event *events, int most, const struct timespec *timeout,
                 const sigset_t *mask)
{
    static int (*next)(int, struct epoll_event *, int, const struct timespec *, const sigset_t *);
    if (next == NULL)
        find_next("epoll_pwait2", &next);
    end_turn();
    int found = next(fd, events, most, timeout, mask);
    begin_turn();
    return found;
}
