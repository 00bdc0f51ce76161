/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/decoy.h"

#include "base/secret.h"

void decoys_learn(struct decoy_delays *delays, int64_t ms)
{
    if (ms >= 0)
        delays->ms[delays->count++ % DECOY_SAMPLES] = ms;
}

/* After one of the last delays, drawn at random. */
static void add_after(struct decoys *decoys, const struct decoy_delays *delays, int64_t now_ms)
{
    size_t known = delays->count < DECOY_SAMPLES ? delays->count : DECOY_SAMPLES;
    if (known > 0 && decoys->count < DECOYS_MAX)
        decoys->due_ms[decoys->count++] = now_ms + delays->ms[secret_random_below((uint32_t)known)];
}

void decoys_add(struct decoys *decoys, int64_t now_ms)
{
    add_after(decoys, &decoys->outcome, now_ms);
    add_after(decoys, &decoys->report, now_ms);
}

int64_t decoys_next(const struct decoys *decoys)
{
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < decoys->count; i++)
        if (decoys->due_ms[i] < next_ms)
            next_ms = decoys->due_ms[i];
    return next_ms;
}

bool decoys_take_due(struct decoys *decoys, int64_t now_ms)
{
    size_t before = decoys->count;
    for (size_t i = 0; i < decoys->count;) {
        if (decoys->due_ms[i] <= now_ms)
            decoys->due_ms[i] = decoys->due_ms[--decoys->count];
        else
            i++;
    }
    return decoys->count < before;
}
