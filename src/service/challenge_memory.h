/* SPDX-License-Identifier: EUPL-1.2 */
/* Numbers of the retos that are used, until their end, so many at most. Pure data: challenge.h. */
#ifndef CC_SERVICE_CHALLENGE_MEMORY_H
#define CC_SERVICE_CHALLENGE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHALLENGE_ID_BYTES = 16, CHALLENGES_MAX = 16384 };

/* Start it at 0. */
struct challenge_memory {
    uint8_t
        key[CHALLENGE_ID_BYTES]; /* of this start, drawn with the first reto; 0 where boxes share */
    bool has_key;
    size_t count; /* rows that were ever taken */
    struct {
        uint8_t id[CHALLENGE_ID_BYTES];
        int64_t expires_ms; /* UTC; behind it the row is free */
    } used[CHALLENGES_MAX];
};

#endif
