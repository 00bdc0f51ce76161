/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Writes that follow a request without an SMS (DOMAIN 5: no existence oracle). A request with an
 * SMS is followed by two commits: its outcome and its status report. On a slow disk other clients
 * can feel them. A request without one gets two commits too, as late as real ones have lately been.
 * Pure data: the dispatcher asks what is due and writes. A flood finds the table full, and is
 * hidden by its own commits.
 */
#ifndef CC_SERVICE_DECOY_H
#define CC_SERVICE_DECOY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DECOYS_MAX = 32, DECOY_SAMPLES = 16 };

/* The last delays of one kind, ms; `count` grows past DECOY_SAMPLES. */
struct decoy_delays {
    int64_t ms[DECOY_SAMPLES];
    size_t count;
};

struct decoys {
    int64_t due_ms[DECOYS_MAX];  /* UTC */
    struct decoy_delays outcome; /* from the request to the outcome of its SMS */
    struct decoy_delays report;  /* from the request to its status report */
    size_t count;
};

/* A real message took this long. Units: ms; negative ones are ignored. */
void decoys_learn(struct decoy_delays *delays, int64_t ms);
/* A request was answered and nothing is sent. Until real delays are known nothing is added. */
void decoys_add(struct decoys *decoys, int64_t now_ms);
/* When the next write is due, UTC ms; INT64_MAX = none waits. */
int64_t decoys_next(const struct decoys *decoys);
/* Takes out what is due. Returns whether there was anything: one write stands for all of it. */
bool decoys_take_due(struct decoys *decoys, int64_t now_ms);

#endif
