/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The history of the recovery ladder: which rung was taken, why, and whether it helped. Kept for
 * two years, the newest 1000 of each modem.
 */
#ifndef CC_STORE_RECOVERIES_H
#define CC_STORE_RECOVERIES_H

#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

enum { RECOVERY_RUNG_SIZE = 33, RECOVERY_EVIDENCE_SIZE = 256 };

struct recovery {
    int64_t at_ms;    /* UTC */
    int64_t ended_ms; /* 0 = it has not, or nobody was there to see */
    bool worked;
    char rung[RECOVERY_RUNG_SIZE];
    char evidence[RECOVERY_EVIDENCE_SIZE];
};

/* Both inside a turn. An end without its beginning is a row of its own. */
enum cc_err recoveries_begin(struct store *store, const char *modem, const char *rung,
                             const char *evidence, int64_t now_ms) CC_MUST_CHECK;
enum cc_err recoveries_end(struct store *store, const char *modem, const char *rung,
                           const char *evidence, bool worked, int64_t now_ms) CC_MUST_CHECK;
/* Of one modem since then, newest first. visit says whether to go on. */
enum cc_err recoveries_list(struct store *store, const char *modem, int64_t since_ms, int64_t max,
                            bool (*visit)(const struct recovery *, void *user),
                            void *user) CC_MUST_CHECK;

#endif
