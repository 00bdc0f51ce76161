/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table of AT commands and what runs them. A handler answers with its information lines and
 * returns how the command ends. Source: ITU-T V.250 5.4 (command line syntax).
 */
#ifndef CC_SIM_COMMANDS_H
#define CC_SIM_COMMANDS_H

#include "sim/result.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct sim;

enum { SIM_ARGS_MAX = 10 };

/* The fields behind '=', quotes taken off. */
struct sim_args {
    size_t count;
    const char *field[SIM_ARGS_MAX];
    char storage[512];
};

/* Runs a command line that starts with "AT", in place. */
void sim_execute(struct sim *sim, char *line);
/* The counters of state by name. */
json_t *sim_commands_count(const struct sim *sim);

/* False when there are too many fields or a quote is left open. */
bool sim_args_parse(struct sim_args *args, const char *text);
/* A number between min and max; an absent or empty field leaves *value as it is. */
bool sim_args_int(const struct sim_args *args, size_t index, int min, int max, int *value);
/* "" when absent. */
const char *sim_args_text(const struct sim_args *args, size_t index);

typedef struct sim_result sim_set_fn(struct sim *sim, const struct sim_args *args);
typedef struct sim_result sim_get_fn(struct sim *sim);

/* identity.c */
sim_get_fn sim_reset_profile, sim_cnum_exec, sim_cscs_read;
sim_set_fn sim_crsm_set, sim_cscs_set, sim_cfun_set;
/* pin.c */
sim_get_fn sim_cpin_read, sim_cpinr_exec;
sim_set_fn sim_cpin_set, sim_clck_set;
/* network.c */
sim_get_fn sim_creg_read, sim_cgreg_read, sim_cereg_read, sim_cops_read, sim_cesq_exec;
sim_set_fn sim_cops_set;
/* sms.c */
sim_set_fn sim_cmgs_set, sim_csca_set, sim_csmp_set, sim_cnmi_set, sim_csms_set;
sim_get_fn sim_csca_read, sim_csmp_read, sim_cnmi_read, sim_csms_read, sim_cnma_exec;
/* ussd.c and nitz.c */
sim_set_fn sim_cusd_set;
sim_get_fn sim_cusd_read, sim_cclk_read;
/* store.c and messages.c */
sim_set_fn sim_cpms_set, sim_cmgl_set, sim_cmgr_set, sim_cmgd_set;
sim_get_fn sim_cpms_read, sim_cmgl_exec, sim_cmgd_test;

#endif
