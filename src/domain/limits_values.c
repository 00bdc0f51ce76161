/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/limits_values.h"

#include <stddef.h>
#include <string.h>

/* Both profiles allow an address, a client and the town the same. */
#define LIMITS_AROUND                                                                              \
    .address = {.failures_hour = 20,                                                               \
                .requests_hour = 30,                                                               \
                .per_second = 2,                                                                   \
                .burst = 10,                                                                       \
                .wide_times = 10},                                                                 \
    .client = {.per_second = 100, .burst = 200},                                                   \
    .town = {.nifs_alarm = 10,                                                                     \
             .nifs_contrast = 20,                                                                  \
             .failures = 100,                                                                      \
             .failures_month = 30,                                                                 \
             .sends_times = 5,                                                                     \
             .sends_least = 60}

/* Both profiles allow a citizen this. */
#define CITIZEN_ALIKE                                                                              \
    .gap_s = 60, .sends_hour = 3, .sends_day = 5, .contrast_sends_hour = 5,                        \
    .contrast_sends_day = 10, .wrong_contrasts_here = 5, .wrong_contrasts_day = 30,                \
    .wrong_contrasts_month = 300, .refusals_hour = 100, .sms_per_phone_day = 10,                   \
    .secret_failures_day = 10, .secret_contrast_failures_day = 10

const struct limits limits_pin24h = {
    .code = {.digits = 4, .life_minutes = 0, .uses = 20, .tries = 3},
    .citizen =
        {.live = 3, .contrast_always = 0, .contrast_after = 14, .lock_after = 50, CITIZEN_ALIKE},
    LIMITS_AROUND};

const struct limits limits_reforzado = {
    .code = {.digits = 6, .life_minutes = 10, .uses = 1, .tries = 3},
    .citizen =
        {.live = 2, .contrast_always = 1, .contrast_after = 10, .lock_after = 30, CITIZEN_ALIKE},
    LIMITS_AROUND};

const struct limits *limits_profile(const char *name)
{
    if (strcmp(name, "pin24h") == 0)
        return &limits_pin24h;
    return strcmp(name, "reforzado") == 0 ? &limits_reforzado : NULL;
}
