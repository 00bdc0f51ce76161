/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The pace of calls per end user's address (DOMAIN 5): `ip_por_segundo` on average, `ip_rafaga` at
 * once; an IPv6 /48 `ip_red48_veces` times both. One visitor who calls too often is refused, and
 * the others are not.
 *
 * Memory is bounded by a fixed table. An entry that is as good as new (its address has rested long
 * enough) carries nothing, so the entry that will be so first gives way: calls from many new
 * addresses replace each other, and a used-up entry is the last to go. No call is refused for lack
 * of room. Pure: the table is the caller's.
 */
#ifndef CC_DOMAIN_PACE_H
#define CC_DOMAIN_PACE_H

#include "domain/address.h"
#include "domain/limits_values.h"

enum { PACE_SETS = 512, PACE_WAYS = 8 };

/* Generic cell rate algorithm (ITU-T I.371, annex A): when the bucket will be full again. */
struct pace_entry {
    struct address prefix;
    uint32_t bits;
    int64_t full_at_us; /* monotonic; 0 = free */
};

/* Start it zeroed, with a random seed: which addresses share a set is not to be foreseen. */
struct pace {
    uint64_t seed;
    struct pace_entry entries[PACE_SETS][PACE_WAYS];
};

/*
 * Takes one call of the address. False: it calls too often, and *ret_wait_s says when to come back
 * (at least 1). A limit of 0 holds nobody. Units: now_us is monotonic and above 0.
 */
bool pace_take(struct pace *pace, const struct address *address,
               const struct limits_per_address *limits, int64_t now_us, int64_t *ret_wait_s);

#endif
