/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/pace.h"

#include "base/span.h"

#include <stddef.h>
#include <string.h>

/* FNV-1a; the seed goes in first. */
static size_t set_of(const struct pace *pace, const struct address *prefix, uint32_t bits)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ pace->seed ^ bits;
    for (size_t i = 0; i < ADDRESS_BYTES; i++)
        hash = (hash ^ prefix->bytes[i]) * UINT64_C(0x100000001b3);
    return (size_t)((hash ^ hash >> 32) % PACE_SETS);
}

/* The entry of the prefix: its own, or the one that is full first, which starts anew. */
static struct pace_entry *entry_of(struct pace *pace, const struct address *prefix, uint32_t bits)
{
    struct pace_entry *set = pace->entries[set_of(pace, prefix, bits)];
    struct pace_entry *first = &set[0];
    for (size_t i = 0; i < PACE_WAYS; i++) {
        if (set[i].full_at_us != 0 && set[i].bits == bits &&
            memcmp(set[i].prefix.bytes, prefix->bytes, ADDRESS_BYTES) == 0)
            return &set[i];
        if (set[i].full_at_us < first->full_at_us)
            first = &set[i];
    }
    *first = (struct pace_entry){.prefix = *prefix, .bits = bits};
    return first;
}

/* How long until one call more fits; 0 = it fits now. */
static int64_t wait_us(const struct pace_entry *entry, int64_t interval_us, int64_t burst,
                       int64_t now_us)
{
    int64_t wait = entry->full_at_us - now_us - (burst - 1) * interval_us;
    return wait > 0 ? wait : 0;
}

static void charge_slot(struct pace_entry *entry, int64_t interval_us, int64_t now_us)
{
    int64_t from_us = entry->full_at_us > now_us ? entry->full_at_us : now_us;
    entry->full_at_us = from_us + interval_us;
}

struct rule {
    uint32_t bits;
    int64_t per_second, burst;
};

/* The /48 comes last: a call that it refuses has used up one of its /64, which harms no other. */
static int64_t take_slot(struct pace *pace, const struct address *address, const struct rule *rule,
                         int64_t now_us)
{
    if (rule->per_second == 0 || rule->burst == 0)
        return 0;
    struct address prefix = address_prefix(address, rule->bits);
    struct pace_entry *entry = entry_of(pace, &prefix, rule->bits);
    int64_t interval_us = US_PER_S / rule->per_second > 0 ? US_PER_S / rule->per_second : 1;
    int64_t wait = wait_us(entry, interval_us, rule->burst, now_us);
    if (wait == 0)
        charge_slot(entry, interval_us, now_us);
    return wait;
}

bool pace_take(struct pace *pace, const struct address *address,
               const struct limits_per_address *limits, int64_t now_us, int64_t *ret_wait_s)
{
    const struct rule narrow = {ADDRESS_NARROW_BITS, limits->per_second, limits->burst};
    const struct rule wide = {ADDRESS_WIDE_BITS, limits->per_second * limits->wide_times,
                              limits->burst * limits->wide_times};
    int64_t wait = take_slot(pace, address, &narrow, now_us);
    if (wait == 0 && !address_is_v4(address))
        wait = take_slot(pace, address, &wide, now_us);
    if (wait == 0)
        return true;
    *ret_wait_s = (wait + US_PER_S - 1) / US_PER_S;
    return false;
}
