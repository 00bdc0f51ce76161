/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How fast one SIM has been sending, and when it may go on: operators bar cards that look like a
 * spammer's (MODEMS 3: 10-30 a minute are safe). Pure; the caller passes `now`.
 */
#ifndef CC_POOL_PACE_H
#define CC_POOL_PACE_H

#include <stddef.h>
#include <stdint.h>

enum { PACE_PER_MINUTE_MAX = 600 };

/* When the last messages were handed over; all zero = none. */
struct pace {
    int64_t at_ms[PACE_PER_MINUTE_MAX];
    size_t next;
    size_t count;
};

/* Units: milliseconds of one clock that never steps back. */
void pace_note(struct pace *pace, int64_t now_ms);
/* Forgets the newest: it was not sent. At least one has been noted. */
void pace_take_back(struct pace *pace);
/* Messages of the last 60 s, at most PACE_PER_MINUTE_MAX. */
size_t pace_load(const struct pace *pace, int64_t now_ms);
/* From when on one more keeps to this many in any 60 s; at most now = now. 0 = no limit. */
int64_t pace_free_at(const struct pace *pace, unsigned per_minute);

#endif
