/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/slots.h"

void slots_add(struct slots *slots, struct slot *slot, int64_t now_us)
{
    LIST_INSERT_HEAD(&slots->list, slot, link);
    slots->count++;
    slot_enter(slot, SLOT_HEADER, now_us);
}

void slots_remove(struct slots *slots, struct slot *slot)
{
    LIST_REMOVE(slot, link);
    slots->count--;
}

void slot_enter(struct slot *slot, enum slot_phase phase, int64_t now_us)
{
    if (slot == NULL)
        return;
    slot->phase = phase;
    slot->since_us = now_us;
}

/* INT64_MAX when the phase has no deadline. */
static int64_t deadline_of(const struct slot *slot, const struct slot_limits *limits)
{
    int64_t phase_us = limits->phase_us[slot->phase];
    return phase_us == 0 ? INT64_MAX : slot->since_us + phase_us;
}

bool slot_is_expired(const struct slot *slot, const struct slot_limits *limits, int64_t now_us)
{
    return !slot->is_closing && now_us >= deadline_of(slot, limits);
}

bool slot_awaits_request(const struct slot *slot)
{
    return slot->phase == SLOT_HEADER || slot->phase == SLOT_BODY || slot->phase == SLOT_IDLE;
}

size_t slots_count_peer(const struct slots *slots, const struct peer *peer)
{
    size_t count = 0;
    for (struct slot *slot = LIST_FIRST(&slots->list); slot != NULL; slot = LIST_NEXT(slot, link))
        count += !slot->is_closing && peer_equal(&slot->peer, peer);
    return count;
}

struct slot *slots_find_victim(const struct slots *slots, const struct peer *peer, int64_t now_us)
{
    struct slot *victim = NULL;
    for (struct slot *slot = LIST_FIRST(&slots->list); slot != NULL; slot = LIST_NEXT(slot, link)) {
        bool is_eligible = slot->phase != SLOT_SERVING && !slot->is_closing &&
                           now_us - slot->since_us >= slots->limits.grace_us &&
                           (peer == NULL || peer_equal(&slot->peer, peer));
        if (is_eligible && (victim == NULL || deadline_of(slot, &slots->limits) <
                                                  deadline_of(victim, &slots->limits)))
            victim = slot;
    }
    return victim;
}

bool slots_are_handshakes_full(const struct slots *slots, const struct peer *peer, int64_t now_us,
                               struct slot **ret_victim)
{
    size_t count = 0;
    struct slot *victim = NULL;
    for (struct slot *slot = LIST_FIRST(&slots->list); slot != NULL; slot = LIST_NEXT(slot, link)) {
        if (!slot->is_handshaking || slot->is_closing || !peer_is_near(&slot->peer, peer))
            continue;
        count++;
        if (now_us - slot->since_us >= slots->limits.grace_us &&
            (victim == NULL || slot->since_us < victim->since_us))
            victim = slot;
    }
    *ret_victim = victim;
    return peer->is_counted && slots->limits.handshakes > 0 && count >= slots->limits.handshakes;
}
