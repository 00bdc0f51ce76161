/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/tell/flap.h"

#include "base/span.h"

#define WINDOW_US (10 * MINUTE_MS * US_PER_MS)
#define HOUR_US (HOUR_MS * US_PER_MS)

const char flap_advice[] = "El módem se desconecta una y otra vez: cambie el cable o la "
                           "alimentación (concentrador USB con alimentador).";

bool flap_is_on(const struct flap *flap, int64_t now_us)
{
    return flap->last_us != 0 && now_us - flap->last_us < WINDOW_US;
}

unsigned flap_count_hour(const struct flap *flap, int64_t now_us)
{
    unsigned count = 0;
    for (size_t i = 0; i < FLAP_REMEMBERED; i++)
        count += flap->losses_us[i] != 0 && now_us - flap->losses_us[i] < HOUR_US;
    return count;
}

void flap_note(struct flap *flap, int64_t now_us)
{
    flap->losses_us[flap->next] = now_us;
    flap->next = (flap->next + 1) % FLAP_REMEMBERED;
    int64_t first_us =
        flap->losses_us[(flap->next + FLAP_REMEMBERED - FLAP_LOSSES) % FLAP_REMEMBERED];
    bool is_many = first_us != 0 && now_us - first_us < WINDOW_US;
    flap->last_us = is_many || flap_is_on(flap, now_us) ? now_us : 0;
}
