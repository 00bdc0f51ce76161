/* SPDX-License-Identifier: EUPL-1.2 */
/* Token bucket: the pace of a client's calls, and the burst it may make. Pure. */
#ifndef CC_DOMAIN_BUCKET_H
#define CC_DOMAIN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/* Start it zeroed. */
struct bucket {
    int64_t tokens_milli;
    int64_t updated_us;
    bool started;
};

/* Takes one token; false = over the limit, and *ret_wait_s says when to come back (at least 1). */
bool bucket_take(struct bucket *bucket, int64_t per_second, int64_t burst, int64_t now_us,
                 int64_t *ret_wait_s);
/* Gives the token back: the call was refused for a reason that is not its client's. */
void bucket_return(struct bucket *bucket);

#endif
