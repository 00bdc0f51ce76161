/* SPDX-License-Identifier: EUPL-1.2 */
/* The only reader of a clock (DESIGN 10). Everybody else is given `now`. */
#ifndef CC_BASE_CLOCK_H
#define CC_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* UTC, milliseconds since 1970. Source: clock_gettime(2), CLOCK_REALTIME. */
int64_t clock_wall_ms(void);
/* Microseconds of CLOCK_MONOTONIC: for deadlines and durations, comparable between processes. */
int64_t clock_mono_us(void);
/* Microseconds of processor that this process has had: for what a piece of work costs. */
int64_t clock_cpu_us(void);
/* Milliseconds of CLOCK_BOOTTIME: as CLOCK_MONOTONIC, and the time asleep counts too. */
int64_t clock_boot_ms(void);
/*
 * Whether a time service has disciplined the wall clock since it was last set: STA_UNSYNC is clear.
 * Where the unit's sandbox (ProtectClock) forbids the question, systemd-timesyncd's mark is asked.
 * Source: adjtimex(2); systemd-timesyncd.service(8), FILES.
 */
bool clock_is_synchronised(void);
/*
 * Whether a clock goes on while this machine is off. A board without one, which a device tree
 * describes, starts at the time at which it was switched off, or any other; a machine without
 * either is told the time by what it runs on.
 */
bool clock_has_rtc(void);
/* Whether that mark was touched within timesyncd's longest poll interval (2048 s) before wall_ms.
 */
bool clock_is_mark_fresh(const char *path, int64_t wall_ms);

#endif
