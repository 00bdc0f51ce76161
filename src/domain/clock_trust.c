/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/clock_trust.h"

static bool is_beyond(int64_t difference_ms, int64_t limit_ms)
{
    return difference_ms > limit_ms || difference_ms < -limit_ms;
}

void clock_witness_take(struct clock_witness *witness, int64_t network_ms, int64_t boot_ms)
{
    int64_t told_ms = network_ms - boot_ms;
    bool agrees = witness->count > 0 && !is_beyond(told_ms - witness->last_ms, CLOCK_JUMP_MS);
    witness->previous_ms = witness->last_ms;
    witness->last_ms = told_ms;
    witness->count = agrees ? 2 : 1;
}

enum clock_network clock_witness_say(const struct clock_witness *witness, int64_t wall_ms,
                                     int64_t boot_ms)
{
    if (witness->count < 2)
        return CLOCK_NETWORK_SILENT;
    int64_t ours_ms = wall_ms - boot_ms;
    bool is_last_far = is_beyond(witness->last_ms - ours_ms, CLOCK_JUMP_MS);
    bool is_previous_far = is_beyond(witness->previous_ms - ours_ms, CLOCK_JUMP_MS);
    if (is_last_far != is_previous_far)
        return CLOCK_NETWORK_SILENT;
    return is_last_far ? CLOCK_NETWORK_FAR : CLOCK_NETWORK_NEAR;
}

/* Verdict of the box's own clocks and memory, before any witness is heard. */
static enum clock_verdict judge_alone(const struct clock_readings *r, int64_t *ret_wait_ms)
{
    int64_t back_ms = r->highest_ms - r->wall_ms;
    if (r->is_anchored && is_beyond(r->wall_ms - r->boot_ms - r->anchor_ms, CLOCK_JUMP_MS))
        return CLOCK_JUMPED;
    if (back_ms > CLOCK_JUMP_MS)
        return CLOCK_BEHIND;
    if (!r->is_anchored && r->highest_ms > 0 && -back_ms > CLOCK_ABSENCE_MS)
        return CLOCK_ABSENT;
    if (!r->is_anchored && r->is_guess)
        return CLOCK_UNTOLD;
    if (back_ms <= CLOCK_STEP_MS)
        return CLOCK_RELIABLE;
    *ret_wait_ms = back_ms - CLOCK_STEP_MS;
    return CLOCK_WAIT;
}

enum clock_verdict clock_trust_judge(const struct clock_readings *readings, int64_t *ret_wait_ms)
{
    bool is_denial_old = !readings->is_network_fresh && readings->is_synchronised;
    if (readings->network == CLOCK_NETWORK_FAR && !is_denial_old)
        return CLOCK_DENIED;
    enum clock_verdict verdict = judge_alone(readings, ret_wait_ms);
    if (verdict == CLOCK_RELIABLE || verdict == CLOCK_WAIT)
        return verdict;
    bool is_confirmed = readings->network == CLOCK_NETWORK_NEAR || readings->is_synchronised;
    return is_confirmed ? CLOCK_ADOPT : verdict;
}

bool clock_verdict_is_good(enum clock_verdict verdict)
{
    return verdict == CLOCK_RELIABLE || verdict == CLOCK_ADOPT;
}
