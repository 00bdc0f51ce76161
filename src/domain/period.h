/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * When the town has something open (a way in, a method): always, never, or between two civil days
 * of its zone. Pure; the zone is the process's.
 */
#ifndef CC_DOMAIN_PERIOD_H
#define CC_DOMAIN_PERIOD_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The first and the last open day as numbers such as 20260131; of what never opens, 0. */
struct period {
    int32_t first, last;
};

/*
 * Reads "si", "no", "desde 2026-01-01", "hasta 2026-06-30" or "desde 2026-01-01 hasta 2026-06-30";
 * both days are open ones. Errors: CC_ERR_RANGE: another text, a day that no calendar has, or an
 * end before the beginning.
 */
enum cc_err period_parse(const char *text, struct period *ret) CC_MUST_CHECK;
/* Whether the local day of now_ms (UTC) lies in the period. */
bool period_has(const struct period *period, int64_t now_ms);
/* Whether it has a last day; if so, *ret is that day in days since 1970-01-01. */
bool period_last_day(const struct period *period, int64_t *ret);

#endif
