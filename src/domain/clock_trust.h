/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whether the wall clock may be believed (DOMAIN 7), as pure decisions: readings in, verdict out.
 * All times are milliseconds; "boot" is CLOCK_BOOTTIME, which counts the time asleep too, so that a
 * box that slept with a working RTC has not jumped.
 */
#ifndef CC_DOMAIN_CLOCK_TRUST_H
#define CC_DOMAIN_CLOCK_TRUST_H

#include <stdbool.h>
#include <stdint.h>

/* The longest life of a request, from 00:00 to 02:00 of the next day over the night of 25 hours. */
#define CLOCK_REQUEST_LIFE_MS (INT64_C(27) * 3600 * 1000)
/* A row dated further ahead than this comes from a clock that was wrong: nothing may rest on it. */
#define CLOCK_FUTURE_MS (INT64_C(5) * 60 * 1000)
/* Differences beyond these are a step back and a jump. */
#define CLOCK_STEP_MS INT64_C(2000)
#define CLOCK_JUMP_MS (INT64_C(5) * 60 * 1000)
/* A box that finds itself this much later at its start than when it was last seen. */
#define CLOCK_ABSENCE_MS (INT64_C(31) * 24 * 3600 * 1000)

/* The network's time as one modem tells it; a zeroed one knows nothing. Network minus boot. */
struct clock_witness {
    int64_t last_ms, previous_ms;
    int count; /* readings in a row that agree: 0, 1 or 2 */
};

/* A reading of the network's time. One that disagrees with the reading before it starts again. */
void clock_witness_take(struct clock_witness *witness, int64_t network_ms, int64_t boot_ms);

/* Verdict of the network on the wall clock, by two readings that agree. */
enum clock_network {
    CLOCK_NETWORK_SILENT, /* no such two readings, or one on either side of the limit */
    CLOCK_NETWORK_NEAR,   /* both within CLOCK_JUMP_MS of the wall clock */
    CLOCK_NETWORK_FAR,    /* both beyond */
};
enum clock_network clock_witness_say(const struct clock_witness *witness, int64_t wall_ms,
                                     int64_t boot_ms);

struct clock_readings {
    int64_t wall_ms, boot_ms;
    bool is_anchored;   /* false: the clock has not been believed since the start */
    int64_t anchor_ms;  /* wall minus boot when it was believed */
    int64_t highest_ms; /* the highest wall time that was believed; 0 = none */
    bool is_guess;      /* nothing told this machine the time since it was switched on: see
                           clock_has_rtc() */
    enum clock_network network;
    bool is_network_fresh; /* its last reading is recent */
    bool is_synchronised;  /* the kernel says that a time service keeps the clock */
};

enum clock_verdict {
    CLOCK_RELIABLE,
    CLOCK_ADOPT,  /* the clock jumped, and a witness confirms its time: take it from here on */
    CLOCK_WAIT,   /* the clock stepped back, and catches up in *ret_wait_ms */
    CLOCK_JUMPED, /* against the boot clock */
    CLOCK_BEHIND, /* of the highest time, by more than a step */
    CLOCK_ABSENT, /* ahead of the highest time by CLOCK_ABSENCE_MS, at the start */
    CLOCK_UNTOLD, /* a guess at the start: by how long the box was off, nobody knows */
    CLOCK_DENIED, /* by the network */
};

/* *ret_wait_ms is set with CLOCK_WAIT alone. */
enum clock_verdict clock_trust_judge(const struct clock_readings *readings, int64_t *ret_wait_ms);
/* Whether requests are served under that verdict. */
bool clock_verdict_is_good(enum clock_verdict verdict);

#endif
