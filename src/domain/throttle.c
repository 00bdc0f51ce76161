/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/throttle.h"

#include "base/span.h"

#include <stddef.h>

#define FIRST_WAIT_US (60 * US_PER_S)
#define LONGEST_WAIT_US (15 * 60 * US_PER_S)
#define FORGET_US (15 * 60 * US_PER_S)
#define KNOWN_US (30 * DAY_S * US_PER_S)

enum count_of { OF_PAIR, OF_ADDRESS, OF_NAME, OF_DEVICE, COUNTS };

/* Failures of each that have no wait behind them. */
static const uint32_t free_failures[COUNTS] = {
    [OF_PAIR] = 4, [OF_ADDRESS] = 19, [OF_NAME] = 49, [OF_DEVICE] = 4};

/* Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix_bits(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static uint64_t key_of(const struct throttle_who *who, enum count_of of)
{
    uint64_t name = of == OF_ADDRESS ? 0 : who->name;
    uint64_t address = of == OF_NAME ? 0 : of == OF_DEVICE ? who->device : who->address;
    uint64_t key = mix_bits(mix_bits(name) + address + (uint64_t)of + 1);
    return key != 0 ? key : 1;
}

static struct throttle_entry *find_entry(struct throttle *throttle, uint64_t key)
{
    for (size_t i = 0; i < THROTTLE_ENTRIES; i++) {
        if (throttle->entries[i].key == key)
            return &throttle->entries[i];
    }
    return NULL;
}

static int64_t end_of(const struct throttle_entry *entry)
{
    return entry->forget_us > entry->known_us ? entry->forget_us : entry->known_us;
}

static struct throttle_entry *find_or_make(struct throttle *throttle, uint64_t key, int64_t now_us)
{
    struct throttle_entry *entry = find_entry(throttle, key);
    if (entry == NULL) {
        entry = &throttle->entries[0];
        for (size_t i = 1; i < THROTTLE_ENTRIES; i++) {
            if (end_of(&throttle->entries[i]) < end_of(entry))
                entry = &throttle->entries[i];
        }
        *entry = (struct throttle_entry){.key = key};
    }
    if (entry->forget_us <= now_us)
        entry->failures = 0;
    return entry;
}

static int64_t wait_after(uint32_t failures, enum count_of of)
{
    int64_t wait = FIRST_WAIT_US;
    if (failures <= free_failures[of])
        return 0;
    for (uint32_t i = free_failures[of] + 1; i < failures && wait < LONGEST_WAIT_US; i++)
        wait *= 2;
    return wait < LONGEST_WAIT_US ? wait : LONGEST_WAIT_US;
}

/* Whether a count is not that of this attempt: a browser with a mark has its own alone. */
static bool is_others(const struct throttle_who *who, enum count_of of)
{
    return (who->device != 0) != (of == OF_DEVICE);
}

/*
 * A browser with a mark is held to its own failures alone; a name that is known here, not to what
 * others do with it elsewhere.
 */
static bool is_exempt(struct throttle *throttle, const struct throttle_who *who, enum count_of of,
                      int64_t now_us)
{
    if (is_others(who, of))
        return true;
    const struct throttle_entry *pair = find_entry(throttle, key_of(who, OF_PAIR));
    return of == OF_NAME && pair != NULL && pair->known_us > now_us;
}

static int64_t wait_left(struct throttle *throttle, const struct throttle_who *who, int64_t now_us)
{
    int64_t until_us = now_us;
    for (int of = 0; of < COUNTS; of++) {
        const struct throttle_entry *entry = find_entry(throttle, key_of(who, (enum count_of)of));
        if (entry != NULL && entry->until_us > until_us &&
            !is_exempt(throttle, who, (enum count_of)of, now_us))
            until_us = entry->until_us;
    }
    return until_us - now_us;
}

bool throttle_begin(struct throttle *throttle, const struct throttle_who *who, int64_t now_us,
                    int64_t *ret_wait_s)
{
    int64_t wait_us = wait_left(throttle, who, now_us);
    if (wait_us > 0) {
        *ret_wait_s = (wait_us + US_PER_S - 1) / US_PER_S;
        return false;
    }
    for (int of = 0; of < COUNTS; of++) {
        if (is_exempt(throttle, who, (enum count_of)of, now_us))
            continue;
        struct throttle_entry *entry =
            find_or_make(throttle, key_of(who, (enum count_of)of), now_us);
        entry->failures++;
        entry->until_us = now_us + wait_after(entry->failures, (enum count_of)of);
        entry->forget_us = entry->until_us + FORGET_US;
    }
    return true;
}

void throttle_end(struct throttle *throttle, const struct throttle_who *who, int64_t now_us,
                  enum throttle_end end)
{
    for (int of = 0; of < COUNTS; of++) {
        struct throttle_entry *entry = find_entry(throttle, key_of(who, (enum count_of)of));
        if (is_others(who, (enum count_of)of) || entry == NULL || entry->failures == 0)
            continue;
        entry->failures--;
        entry->until_us = 0;
    }
    if (end != THROTTLE_SUCCEEDED)
        return;
    struct throttle_entry *own =
        find_or_make(throttle, key_of(who, who->device != 0 ? OF_DEVICE : OF_PAIR), now_us);
    own->failures = 0;
    own->until_us = 0;
    struct throttle_entry *pair = find_or_make(throttle, key_of(who, OF_PAIR), now_us);
    pair->known_us = now_us + KNOWN_US;
}
