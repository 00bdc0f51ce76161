/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The pace of log-ins. Failures are counted for the name with the address, for the address, and for
 * the name from everywhere; each has some free, then a minute to wait, which doubles up to 15. No
 * wait grows while it lasts, so that nobody's is longer than 15 minutes. A stranger elsewhere does
 * not hold up the owner: where a name has once come in from an address, failures from other
 * addresses do not count there. Nor does a stranger behind the same address: a browser by which the
 * name has come in carries a mark, and with it only its own failures are counted.
 *
 * Memory is bounded by a fixed table; the entry that will be forgotten first gives way. Pure: the
 * table is the caller's. Names and addresses are keyed hashes of the caller's.
 */
#ifndef CC_DOMAIN_THROTTLE_H
#define CC_DOMAIN_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

enum { THROTTLE_ENTRIES = 1024 };

struct throttle_entry {
    uint64_t key; /* 0 = free */
    uint32_t failures;
    int64_t until_us;  /* end of the wait */
    int64_t forget_us; /* the failures are forgotten */
    int64_t known_us;  /* until then the name is known to come in from this address */
};

/* Start it zeroed. */
struct throttle {
    struct throttle_entry entries[THROTTLE_ENTRIES];
};

struct throttle_who {
    uint64_t name;
    uint64_t address; /* an IPv6 one by its /64 */
    uint64_t device;  /* of the browser's mark, for this name; 0 = none */
};

enum throttle_end {
    THROTTLE_SUCCEEDED,
    THROTTLE_UNDECIDED, /* the box could not tell: it counts for nothing */
};

/*
 * Begins one attempt, which counts as a failure until throttle_end() says otherwise. False: it must
 * wait, *ret_wait_s at least 1, and counts for nothing. Units: now_us is monotonic and above 0.
 */
bool throttle_begin(struct throttle *throttle, const struct throttle_who *who, int64_t now_us,
                    int64_t *ret_wait_s);
void throttle_end(struct throttle *throttle, const struct throttle_who *who, int64_t now_us,
                  enum throttle_end end);

#endif
