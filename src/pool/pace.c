/* SPDX-License-Identifier: EUPL-1.2 */
#include "pool/pace.h"

#include "base/span.h"

/* The time of the nth newest, 1 = the newest; n <= count. */
static int64_t newest_send(const struct pace *pace, size_t n)
{
    return pace->at_ms[(pace->next + PACE_PER_MINUTE_MAX - n) % PACE_PER_MINUTE_MAX];
}

void pace_note(struct pace *pace, int64_t now_ms)
{
    pace->at_ms[pace->next] = now_ms;
    pace->next = (pace->next + 1) % PACE_PER_MINUTE_MAX;
    if (pace->count < PACE_PER_MINUTE_MAX)
        pace->count++;
}

/* One that a full ring has lost for it was a minute old, or it could not have been noted. */
void pace_take_back(struct pace *pace)
{
    pace->next = (pace->next + PACE_PER_MINUTE_MAX - 1) % PACE_PER_MINUTE_MAX;
    pace->count--;
}

/* Counts the messages in the window. The times are in order: binary search for the first that is
 * young enough. */
size_t pace_load(const struct pace *pace, int64_t now_ms)
{
    size_t low = 0, high = pace->count;
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (newest_send(pace, middle) > now_ms - MINUTE_MS)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

int64_t pace_free_at(const struct pace *pace, unsigned per_minute)
{
    if (per_minute == 0 || pace->count < per_minute)
        return INT64_MIN;
    return newest_send(pace, per_minute) + MINUTE_MS;
}
