/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Counters of what has happened since the start of the program, for GET /metrics. A reader of the
 * Prometheus format handles the reset at a restart, so that nothing is stored. No counter is
 * personal.
 */
#ifndef CC_SERVICE_METRICS_H
#define CC_SERVICE_METRICS_H

#include "modem/events.h"
#include "store/outbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { METRICS_BUCKETS = 13, METRICS_RUNGS_MAX = 128 };

enum metrics_verification {
    METRICS_CORRECT,
    METRICS_REFUSED,
    METRICS_LIMITED, /* by the address of the citizen */
    METRICS_FAILED,  /* could not be decided: the clock, the database */
    METRICS_VERIFICATION_COUNT
};

/* Upper bounds of the buckets of a histogram, in seconds. */
extern const int64_t metrics_bounds_s[METRICS_BUCKETS];

struct metrics_histogram {
    uint64_t counts[METRICS_BUCKETS + 1]; /* per bucket, not summed; the last is above all bounds */
    int64_t sum_ms;
};

/* A rung of the recovery of a modem. Both texts belong to the modem. */
struct metrics_rung {
    const char *modem, *rung;
    uint64_t worked, failed;
};

/* A zeroed one has counted nothing. */
struct metrics {
    uint64_t messages[OUTBOX_NOTICE + 1][OUTBOX_EXPIRED + 1]; /* entries into a state, per class */
    uint64_t expired;                                         /* of all classes */
    uint64_t verifications[METRICS_VERIFICATION_COUNT];
    struct metrics_histogram handover; /* from the request to the modem's "sent" */
    struct metrics_histogram delivery; /* from the request to the report of delivery */
    struct metrics_rung rungs[METRICS_RUNGS_MAX];
    size_t rung_count;
};

/* A message enters a state: sent, delivered, undelivered, unknown, failed, or queued once more. */
void metrics_count_message(struct metrics *metrics, enum outbox_class class_,
                           enum outbox_state state);
/* Units: ms. A negative duration (the clock was set back) counts as 0. */
void metrics_observe_ms(struct metrics_histogram *histogram, int64_t ms);
/* err: of verify_pin(); is_correct only matters for CC_OK. */
void metrics_count_verification(struct metrics *metrics, enum cc_err err, bool is_correct);
/* Counts a rung at its end. */
void metrics_count_recovery(struct metrics *metrics, const char *modem,
                            const struct modem_recovery *recovery);
/* "correcto", "rechazado", "limitado", "fallo". */
const char *metrics_verification_token(enum metrics_verification result);

#endif
