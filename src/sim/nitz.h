/* SPDX-License-Identifier: EUPL-1.2 */
/* The network's time, and the modem's clock that follows it. Source: 3GPP TS 27.007 8.15, 8.40-41.
 */
#ifndef CC_SIM_NITZ_H
#define CC_SIM_NITZ_H

#include <stdint.h>

struct sim;

struct sim_nitz {
    int64_t offset_ms; /* how far the network's clock is from ours */
    int zone;          /* of its local time, in quarters of an hour */
};

void sim_nitz_init(struct sim *sim);
/* +CTZV or +CTZE, as +CTZR wants: on registration, and when the time has been set. */
void sim_nitz_announce(struct sim *sim);

#endif
