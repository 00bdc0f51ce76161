/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"

#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum { MARK_MS = 2048 * 1000 + 60 * 1000, MARK_AHEAD_MS = 5000 };

static int64_t read_us(clockid_t id)
{
    struct timespec t = {0};
    clock_gettime(id, &t); /* cannot fail for these clocks on Linux */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_cpu_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t clock_boot_ms(void)
{
    return read_us(CLOCK_BOOTTIME) / 1000;
}

bool clock_is_mark_fresh(const char *path, int64_t wall_ms)
{
    struct stat mark;
    if (stat(path, &mark) != 0)
        return false;
    int64_t age_ms = wall_ms - (int64_t)mark.st_mtim.tv_sec * 1000;
    return age_ms >= -MARK_AHEAD_MS && age_ms <= MARK_MS;
}

bool clock_has_rtc(void)
{
    return access("/sys/class/rtc/rtc0", F_OK) == 0 ||
           access("/sys/firmware/devicetree/base", F_OK) != 0;
}

bool clock_is_synchronised(void)
{
    struct timex state = {.modes = 0};
    int result = adjtimex(&state);
    if (result >= 0)
        return result != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
    return clock_is_mark_fresh("/run/systemd/timesync/synchronized", clock_wall_ms());
}
