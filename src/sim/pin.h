/* SPDX-License-Identifier: EUPL-1.2 */
/* The card's lock. Source: 3GPP TS 27.007 8.3, 8.65, 7.4; TS 31.101 9.5. */
#ifndef CC_SIM_PIN_H
#define CC_SIM_PIN_H

#include <stdbool.h>

struct sim;

enum { SIM_PIN_TRIES = 3, SIM_PUK_TRIES = 10, SIM_PIN_SIZE = 9 };

struct sim_pin {
    char pin[SIM_PIN_SIZE]; /* "" = none asked */
    int pin_left;
    int puk_left;
    bool unlocked;
};

void sim_pin_init(struct sim *sim, const char *pin);
/* "READY", "SIM PIN", "SIM PUK". */
const char *sim_pin_state(const struct sim *sim);
bool sim_pin_is_ready(const struct sim *sim);

#endif
