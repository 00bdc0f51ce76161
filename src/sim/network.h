/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The network: registration, its events, signal and operator.
 * Source: 3GPP TS 27.007 7.2, 7.3, 8.5, 10.1.20, 10.1.22.
 */
#ifndef CC_SIM_NETWORK_H
#define CC_SIM_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

struct sim;

enum sim_domain { SIM_DOMAIN_CS, SIM_DOMAIN_PS, SIM_DOMAIN_EPS, SIM_DOMAINS };

enum { SIM_CREG_HOME = 1, SIM_CREG_SEARCHING = 2, SIM_CREG_NOT_FORCED = -1 };

struct sim_network {
    int64_t register_us;     /* how long a search takes */
    bool found;              /* network that the radio has found by itself */
    unsigned search;         /* an earlier search that ends late recognises itself by this */
    int forced[SIM_DOMAINS]; /* a state set from outside, or SIM_CREG_NOT_FORCED */
    int csq;
    int act;     /* 27.007 7.2 <AcT>; SIM_ACT_NONE = it does not tell */
    char lac[5]; /* hexadecimal, as the cell */
    char ci[9];
    char operator_name[25];
    char operator_code[7];
};

void sim_network_init(struct sim *sim);
/* Of +CSQ; and of the LTE reference signal, so many below it. */
int sim_network_dbm(const struct sim *sim);
int sim_network_rsrp_dbm(const struct sim *sim);
/* Another cell: said to those who asked for locations (n = 2). */
void sim_network_moved(struct sim *sim);
/* Looks for the network anew, if the radio is on and the SIM unlocked. */
void sim_network_search(struct sim *sim);
int sim_network_stat(struct sim *sim, enum sim_domain domain);
/* Whether a message can go: one of the domains in 1, 5, 6, 7, 9, 10. */
bool sim_network_can_send(struct sim *sim);
/* Forces a state on one domain, with its event. */
void sim_network_force(struct sim *sim, enum sim_domain domain, int stat);

#endif
