/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines caused by faults that belong to no answer. */
#ifndef CC_SIM_NOISE_H
#define CC_SIM_NOISE_H

#include <stdbool.h>

struct sim;

/* urc-noise, if it is armed: an unsolicited line. */
void sim_noise(struct sim *sim);
/* garbage, garbage-line and nuls, if they are armed: bytes in front of the next answer. */
void sim_garbage(struct sim *sim);
/* The lines of boot-flood, until it ends. */
void sim_flood(struct sim *sim);
/* absurd, if it is armed: answers the command by that name with nonsense; false = not armed. */
bool sim_absurd(struct sim *sim, const char *name);

#endif
