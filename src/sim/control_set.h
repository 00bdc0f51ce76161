/* SPDX-License-Identifier: EUPL-1.2 */
/* Settings of the control command "set". */
#ifndef CC_SIM_CONTROL_SET_H
#define CC_SIM_CONTROL_SET_H

#include <jansson.h>
#include <stdbool.h>

struct sim;

/* Whether sim_set() would take it. */
bool sim_set_is_valid(const json_t *command);
/* All keys but "cmd"; nothing changes unless all are known and right. */
bool sim_set(struct sim *sim, const json_t *command);
/* A single one, of a key that is known. */
void sim_set_number(struct sim *sim, const char *key, int number);

#endif
