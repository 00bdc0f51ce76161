/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/bucket.h"

#include "base/span.h"

enum { MILLI = 1000 };

/* Adds the tokens of the time since the last call, up to burst. */
static void refill_bucket(struct bucket *bucket, int64_t per_second, int64_t burst, int64_t now_us)
{
    int64_t elapsed_us = now_us - bucket->updated_us;
    if (!bucket->started || elapsed_us / US_PER_S > burst / per_second) {
        *bucket = (struct bucket){burst * MILLI, now_us, true};
        return;
    }
    int64_t gained_milli = elapsed_us * per_second / (US_PER_S / MILLI);
    if (gained_milli <= 0)
        return;
    /* Only the time that became tokens is spent, so that frequent calls lose no fraction. */
    bucket->updated_us += gained_milli * (US_PER_S / MILLI) / per_second;
    bucket->tokens_milli += gained_milli;
    if (bucket->tokens_milli > burst * MILLI)
        bucket->tokens_milli = burst * MILLI;
}

bool bucket_take(struct bucket *bucket, int64_t per_second, int64_t burst, int64_t now_us,
                 int64_t *ret_wait_s)
{
    if (per_second == 0 || burst == 0)
        return true;
    refill_bucket(bucket, per_second, burst, now_us);
    if (bucket->tokens_milli < MILLI) {
        /* At one token a second or more, the next is never further away than this. */
        *ret_wait_s = 1;
        return false;
    }
    bucket->tokens_milli -= MILLI;
    return true;
}

void bucket_return(struct bucket *bucket)
{
    bucket->tokens_milli += MILLI; /* the next refill cuts what is over the burst */
}
