/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/suspect.h"

#include "base/secret.h"

#include <string.h>

enum { CLEARED_MS = 30 * 60 * 1000 }; /* then a restart may help again, as at the ladder's end */

static void add_number(struct suspect *suspect, int64_t id, const struct phone *phone)
{
    size_t at = 0;
    while (at < suspect->count && strcmp(suspect->phones[at].e164, phone->e164) != 0)
        at++;
    if (at == SUSPECT_NUMBERS)
        return;
    suspect->ids[at] = id;
    suspect->phones[at] = *phone;
    if (at == suspect->count)
        suspect->count++;
}

static void update_count(struct suspect *suspect, unsigned restarts, int64_t now_ms)
{
    if (suspect->state == SUSPECT_DOUBTED && restarts != suspect->restarts) {
        suspect_sent(suspect);
        suspect->state = SUSPECT_CLEARED;
        suspect->since_ms = now_ms;
    }
    if (suspect->state == SUSPECT_CLEARED && now_ms - suspect->since_ms >= CLEARED_MS)
        suspect_sent(suspect);
}

enum suspect_verdict suspect_refused(struct suspect *suspect, int64_t id, const struct phone *phone,
                                     bool was_good, unsigned restarts, int64_t now_ms)
{
    update_count(suspect, restarts, now_ms);
    if (suspect->state == SUSPECT_CLEARED)
        return SUSPECT_BELIEVE;
    if (suspect->state == SUSPECT_DOUBTED)
        return SUSPECT_HOLD;
    add_number(suspect, id, phone);
    if (!was_good && suspect->count < SUSPECT_NUMBERS)
        return SUSPECT_MAYBE;
    suspect->state = SUSPECT_DOUBTED;
    suspect->restarts = restarts;
    return SUSPECT_HOLD;
}

void suspect_sent(struct suspect *suspect)
{
    secret_wipe(suspect, sizeof(*suspect));
}
