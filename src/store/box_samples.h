/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What belongs to the box and not to one modem, as a series that thins with age (store/grades.h):
 * the queue, and how long messages took from the request to the handset. Percentiles cannot be made
 * of percentiles, so that the durations of each period are kept as counts.
 */
#ifndef CC_STORE_BOX_SAMPLES_H
#define CC_STORE_BOX_SAMPLES_H

#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* A period. */
struct box_samples_row {
    int64_t start_ms; /* UTC */
    int64_t count;    /* points in it */
    int64_t queued;   /* the most messages that waited at a point */
    int64_t delivered;
    int64_t p50_s, p90_s; /* of the deliveries; -1 = there was none */
};

/* Adds a look at the queue to its minute, its quarter of an hour and its day, and deletes rows that
 * are too old. Inside a turn. Errors: CC_ERR_DB. */
enum cc_err box_samples_insert(struct store *store, int64_t queued, int64_t now_ms) CC_MUST_CHECK;
/* Counts a message that reached its handset now, so long after its request. Inside a turn. Errors:
 * CC_ERR_DB. */
enum cc_err box_samples_add_delivery(struct store *store, int64_t took_ms,
                                     int64_t now_ms) CC_MUST_CHECK;
/*
 * The rows of this box since then, oldest first, in the finest grade that reaches back so far and
 * whose rows last at least *span_ms_io; at most 3000. visit says whether to go on. *span_ms_io
 * becomes how long each row lasts. Errors: CC_ERR_DB.
 */
enum cc_err box_samples_list(struct store *store, int64_t since_ms, int64_t now_ms,
                             bool (*visit)(const struct box_samples_row *, void *user), void *user,
                             int64_t *span_ms_io) CC_MUST_CHECK;
/* The whole seconds that a duration is counted under: rounded up to a step of 1 s up to 10 s, of 2
 * s up to 30 s, and of about a tenth beyond; a day at most. Pure. */
int64_t box_samples_round_s(int64_t took_ms);

#endif
