/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Figures of today, in the town's zone, for the status: how many messages went and how soon. Worked
 * out from the newest 20 000 messages at most, in steps of about a millisecond between which the
 * loop does other work, and kept for ten seconds.
 */
#ifndef CC_SERVICE_DAY_H
#define CC_SERVICE_DAY_H

#include "base/err.h"
#include "pool/pool.h"

#include <stddef.h>
#include <stdint.h>

enum { DAY_MODEM_SIZE = 33 };

/* Units: ms; -1 = no message tells. From the request on. */
struct day_spans {
    int64_t p50_ms, p90_ms;
};

struct day_figures {
    int64_t since_ms; /* UTC, when today began */
    int64_t delivered, refused, unknown;
    struct day_spans hand_over; /* to the modem */
    struct day_spans delivery;  /* to the handset, as its report tells */
    int64_t unable_ms;          /* without sending, this month */
    int64_t failures;           /* verifications that failed */
};

struct day_pass;
struct loop_source;

/* Kept by the service; start it at 0. */
struct day {
    int64_t looked_us;         /* 0 = never */
    struct day_pass *pass;     /* NULL = none is under way */
    struct loop_source *timer; /* NULL: a look does all of its steps at once */
    struct day_figures told;
    struct {
        char name[DAY_MODEM_SIZE];
        int64_t delivered_ms;
    } modems[POOL_MAX];
    size_t modem_count;
};

struct service;

/* Works in steps from now on, and begins. Owns: day_stop(). */
void day_start(struct service *service);
void day_stop(struct service *service);
/* *ret lives until the next call; NULL: not worked out yet, or long ago. Errors: CC_ERR_DB,
 * CC_ERR_MEMORY. */
enum cc_err day_look(struct service *service, int64_t now_ms,
                     const struct day_figures **ret) CC_MUST_CHECK;
/* UTC ms of the last message that this modem delivered, as far as the last day_look() saw; 0 =
 * none.
 */
int64_t day_last_delivered(const struct service *service, const char *modem);
/* The least of `count` spans that 50 and 90 percent of them do not exceed. Sorts them. Pure. */
struct day_spans day_find_spans(int64_t *spans, size_t count);

#endif
