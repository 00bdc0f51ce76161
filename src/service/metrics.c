/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/metrics.h"

#include "base/span.h"

#include <string.h>

const int64_t metrics_bounds_s[METRICS_BUCKETS] = {1,  2,  4,  6,   8,   10, 15,
                                                   20, 30, 60, 120, 300, 900};

void metrics_count_message(struct metrics *metrics, enum outbox_class class_,
                           enum outbox_state state)
{
    if (class_ <= OUTBOX_NOTICE && state <= OUTBOX_EXPIRED)
        metrics->messages[class_][state]++;
}

void metrics_observe_ms(struct metrics_histogram *histogram, int64_t ms)
{
    size_t bucket = 0;
    if (ms < 0)
        ms = 0;
    while (bucket < METRICS_BUCKETS && ms > metrics_bounds_s[bucket] * MS_PER_S)
        bucket++;
    histogram->counts[bucket]++;
    histogram->sum_ms += ms;
}

void metrics_count_verification(struct metrics *metrics, enum cc_err err, bool is_correct)
{
    enum metrics_verification result = is_correct ? METRICS_CORRECT : METRICS_REFUSED;
    if (err != CC_OK)
        result = err == CC_ERR_RATE_LIMITED ? METRICS_LIMITED : METRICS_FAILED;
    metrics->verifications[result]++;
}

/* NULL when the table is full. */
static struct metrics_rung *find_rung(struct metrics *metrics, const char *modem, const char *rung)
{
    struct metrics_rung *row = metrics->rungs;
    for (; row < &metrics->rungs[metrics->rung_count]; row++)
        if (strcmp(row->modem, modem) == 0 && strcmp(row->rung, rung) == 0)
            return row;
    if (metrics->rung_count == METRICS_RUNGS_MAX)
        return NULL;
    metrics->rung_count++;
    *row = (struct metrics_rung){.modem = modem, .rung = rung};
    return row;
}

void metrics_count_recovery(struct metrics *metrics, const char *modem,
                            const struct modem_recovery *recovery)
{
    struct metrics_rung *row = recovery->is_end ? find_rung(metrics, modem, recovery->rung) : NULL;
    if (row == NULL)
        return;
    if (recovery->worked)
        row->worked++;
    else
        row->failed++;
}

const char *metrics_verification_token(enum metrics_verification result)
{
    static const char *const tokens[METRICS_VERIFICATION_COUNT] = {"correcto", "rechazado",
                                                                   "limitado", "fallo"};
    return tokens[result];
}
