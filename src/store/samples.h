/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Series that thin with age: rows of a minute are kept for a day, of a quarter of an hour for a
 * month, of a day (of UTC) for two years. Each point is added to the row of each of these grades at
 * once, so that nothing has to be worked out later: an old row is the sum of its points, and rows
 * that are too old are deleted a few at a time.
 */
#ifndef CC_STORE_SAMPLES_H
#define CC_STORE_SAMPLES_H

#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- readings of the modems ----------------------------------------------------------------- */

/* A number that was not told. */
#define SAMPLES_UNKNOWN INT64_MIN

/* Answers of a round. */
struct samples_point {
    const char *modem;
    bool is_registered;
    int64_t rat; /* <AcT> of 27.007 7.2 */
    int64_t signal_dbm, rsrp_dbm, rsrq_cb;
    int64_t temperature_c, supply_mv;
    int64_t storage_used, storage_total;
    int64_t sent, refused, unknown; /* messages since the point before */
};

/* A row of numbers over all of its points; SAMPLES_UNKNOWN where no point has the value. */
struct samples_row {
    int64_t start_ms;                                      /* UTC */
    int64_t count;                                         /* points in it */
    int64_t registered;                                    /* … of which with a network */
    int64_t rat;                                           /* the last */
    int64_t signal_dbm, signal_min_dbm, rsrp_dbm, rsrq_cb; /* means, and the lowest */
    int64_t temperature_c;                                 /* the highest */
    int64_t supply_mv;                                     /* the lowest */
    int64_t storage_used;                                  /* the most */
    int64_t storage_total;                                 /* the last */
    int64_t sent, refused, unknown;                        /* sums */
};

/* Adds the point to its minute, its quarter of an hour and its day. Inside a turn. */
enum cc_err samples_insert(struct store *store, const struct samples_point *point,
                           int64_t now_ms) CC_MUST_CHECK;
/*
 * The rows of a modem since then, oldest first, in the finest grade that reaches back so far and
 * whose rows last at least *span_ms_io; at most 3000. visit says whether to go on. *span_ms_io
 * becomes how long each row lasts.
 */
enum cc_err samples_list(struct store *store, const char *modem, int64_t since_ms, int64_t now_ms,
                         bool (*visit)(const struct samples_row *, void *user), void *user,
                         int64_t *span_ms_io) CC_MUST_CHECK;
/* Messages sent by all modems: in the last hour, and as a mean in the same hour of the 7 days
 * before. */
enum cc_err samples_count_sends(struct store *store, int64_t now_ms, int64_t *ret_hour,
                                int64_t *ret_usual) CC_MUST_CHECK;

/*
 * ---- the box: the queue, and how long messages took from the request to the handset -----------
 * Percentiles cannot be made of percentiles, so that the durations of each period are kept as
 * counts.
 */

/* A period. */
struct box_samples_row {
    int64_t start_ms; /* UTC */
    int64_t count;    /* points in it */
    int64_t queued;   /* the most messages that waited at a point */
    int64_t delivered;
    int64_t p50_s, p90_s; /* of the deliveries; -1 = there was none */
};

/* Adds a look at the queue to its minute, its quarter of an hour and its day, and deletes rows that
 * are too old. Inside a turn. */
enum cc_err box_samples_insert(struct store *store, int64_t queued, int64_t now_ms) CC_MUST_CHECK;
/* Counts a message that reached its handset now, so long after its request. Inside a turn. */
enum cc_err box_samples_add_delivery(struct store *store, int64_t took_ms,
                                     int64_t now_ms) CC_MUST_CHECK;
/*
 * The rows of this box since then, oldest first, in the finest grade that reaches back so far and
 * whose rows last at least *span_ms_io; at most 3000. visit says whether to go on. *span_ms_io
 * becomes how long each row lasts.
 */
enum cc_err box_samples_list(struct store *store, int64_t since_ms, int64_t now_ms,
                             bool (*visit)(const struct box_samples_row *, void *user), void *user,
                             int64_t *span_ms_io) CC_MUST_CHECK;
/* The whole seconds that a duration is counted under: rounded up to a step of 1 s up to 10 s, of 2
 * s up to 30 s, and of about a tenth beyond; a day at most. Pure. */
int64_t box_samples_round_s(int64_t took_ms);

#endif
