/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A modem whose line is lost again and again: a bad cable, or a supply that gives way when it
 * sends. That is said once, instead of each loss. Pure; times are loop_now_us().
 */
#ifndef CC_MODEM_TELL_FLAP_H
#define CC_MODEM_TELL_FLAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FLAP_LOSSES = 5, FLAP_REMEMBERED = 32 };

struct flap {
    int64_t losses_us[FLAP_REMEMBERED]; /* the last ones; 0 = there were fewer */
    size_t next;
    int64_t last_us; /* since it is on; 0 = it is off */
};

/* Spanish: what it means, and what to do. */
extern const char flap_advice[];

/* The line was lost, with nothing to explain it. */
void flap_note(struct flap *flap, int64_t now_us);
/* Losses in the last hour; at most FLAP_REMEMBERED. */
unsigned flap_count_hour(const struct flap *flap, int64_t now_us);
/* Five losses within ten minutes, and no ten minutes without one since then. */
bool flap_is_on(const struct flap *flap, int64_t now_us);

#endif
