/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers of the operator to *134# and its like. Source: 3GPP TS 27.007 7.15. */
#ifndef CC_SIM_USSD_H
#define CC_SIM_USSD_H

#include <stdint.h>

struct sim;

enum { SIM_USSD_MAX = 183 };

struct sim_ussd {
    char text[SIM_USSD_MAX + 1]; /* UTF-8 */
    int64_t latency_us;
    unsigned session; /* the answer to an earlier one, or to one given up, is dropped */
};

void sim_ussd_init(struct sim *sim);

#endif
