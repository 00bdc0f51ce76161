/* SPDX-License-Identifier: EUPL-1.2 */
/* The command line of simmodem. */
#ifndef CC_SIM_OPTIONS_H
#define CC_SIM_OPTIONS_H

#include "sim/port.h"
#include "sim/sim.h"

enum { SIM_OPTION_FAULTS = 32 };

/* The texts are those of argv. */
struct sim_options {
    int port_kind; /* of enum sim_port_kind; -1 = none given */
    const char *address;
    const char *control;
    const char *log;
    const char *faults[SIM_OPTION_FAULTS];
    int fault_count;
    const char *scenario;
    double scenario_speed;
    struct sim_config config;
};

/* Ends the process on a bad one, and behind --help and --version: sysexits(3). */
void sim_options_read(int argc, char **argv, struct sim_options *ret);

#endif
