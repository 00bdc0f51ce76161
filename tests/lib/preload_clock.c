/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Injects the wall clock into a real daemon: preloaded, it adds the milliseconds found in the file
 * CC_CLOCK_FILE (eight bytes, machine order, mapped) to CLOCK_REALTIME. The daemon itself has no
 * test door for this. The monotonic clock stays as it is.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_ms;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("CC_CLOCK_FILE");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED)
        offset_ms = map;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    if (real_clock_gettime == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "clock_gettime");
        memcpy(&real_clock_gettime, &symbol,
               sizeof(symbol)); /* POSIX's way from object to function */
    }
    int result = real_clock_gettime(id, t);
    if (result == 0 && id == CLOCK_REALTIME && offset_ms != NULL) {
        int64_t offset = *offset_ms;
        t->tv_sec += (time_t)(offset / 1000);
        t->tv_nsec += (long)(offset % 1000) * 1000000;
        if (t->tv_nsec >= 1000000000) {
            t->tv_nsec -= 1000000000;
            t->tv_sec++;
        } else if (t->tv_nsec < 0) {
            t->tv_nsec += 1000000000;
            t->tv_sec--;
        }
    }
    return result;
}
