/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Runs a program, and all that it starts, at another hour (at.sh): preloaded, it adds the seconds
 * of CC_HOUR_S to the wall clock and to the times of files. Other clocks and timers stay as they
 * are. A preload_clock.so before it drives the clocks from there on.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_fstatat)(int, const char *, struct stat *, int);
static int (*real_fstat)(int, struct stat *);
static int (*real_utimensat)(int, const char *, const struct timespec *, int);
static int (*real_futimens)(int, const struct timespec *);
static time_t ahead_s;

static void find(const char *name, void *ret) /* POSIX's way from object to function */
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(ret, &symbol, sizeof(symbol));
}

__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("CC_HOUR_S");
    ahead_s = text != NULL ? atol(text) : 0;
    find("clock_gettime", &real_clock_gettime);
    find("fstatat", &real_fstatat);
    find("fstat", &real_fstat);
    find("utimensat", &real_utimensat);
    find("futimens", &real_futimens);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    if (real_clock_gettime == NULL) /* another library's constructor asks */
        start();
    int result = real_clock_gettime(id, t);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        t->tv_sec += ahead_s;
    return result;
}

static struct timespec read_wall(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return now;
}

int gettimeofday(struct timeval *t, void *zone)
{
    struct timespec now = read_wall();
    (void)zone;
    *t = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *t)
{
    time_t now = read_wall().tv_sec;
    if (t != NULL)
        *t = now;
    return now;
}

static int move_times(int result, struct stat *st)
{
    if (result == 0) {
        st->st_mtim.tv_sec += ahead_s;
        st->st_ctim.tv_sec += ahead_s;
        st->st_atim.tv_sec += ahead_s;
    }
    return result;
}

int fstatat(int folder, const char *path, struct stat *st, int flags)
{
    if (real_fstatat == NULL)
        start();
    return move_times(real_fstatat(folder, path, st, flags), st);
}

int stat(const char *path, struct stat *st)
{
    return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *path, struct stat *st)
{
    return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int fstat(int fd, struct stat *st)
{
    if (real_fstat == NULL)
        start();
    return move_times(real_fstat(fd, st), st);
}

/* Back to the machine's time; UTIME_NOW and UTIME_OMIT have no seconds. */
static const struct timespec *in_real_time(const struct timespec times[2], struct timespec ret[2])
{
    if (times == NULL)
        return NULL;
    for (int i = 0; i < 2; i++)
        ret[i] = (struct timespec){times[i].tv_sec - ahead_s, times[i].tv_nsec};
    return ret;
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags)
{
    struct timespec real[2];
    return real_utimensat(folder, path, in_real_time(times, real), flags);
}

int futimens(int fd, const struct timespec times[2])
{
    struct timespec real[2];
    return real_futimens(fd, in_real_time(times, real));
}

/* As Python calls them; a machine on which they differ has no time_t of 64 bits else. */
int fstatat64(int folder, const char *path, struct stat64 *st, int flags)
    __attribute__((alias("fstatat")));
int stat64(const char *path, struct stat64 *st) __attribute__((alias("stat")));
int lstat64(const char *path, struct stat64 *st) __attribute__((alias("lstat")));
int fstat64(int fd, struct stat64 *st) __attribute__((alias("fstat")));
