/* SPDX-License-Identifier: EUPL-1.2 */
/* The only reader of a clock (DESIGN 10). Everybody else is given `now`. */
#ifndef CC_BASE_CLOCK_H
#define CC_BASE_CLOCK_H

#include <stdint.h>

/* UTC, milliseconds since 1970. Source: clock_gettime(2), CLOCK_REALTIME. */
int64_t clock_wall_ms(void);
/* Microseconds of CLOCK_MONOTONIC: for deadlines and durations, comparable between processes. */
int64_t clock_mono_us(void);

#endif
