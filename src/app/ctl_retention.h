/* SPDX-License-Identifier: EUPL-1.2 */
/* The order `retencion`: destroys what has had its term, or says how much that would be. */
#ifndef CC_APP_CTL_RETENTION_H
#define CC_APP_CTL_RETENTION_H

#include "app/config.h"

#include <jansson.h>

/* Waits for the end of the run and says what went; returns the exit code. */
int ctl_retention_follow(const char *socket_path, const json_t *answer);
/* Counts, in the database itself, which is only read. Returns the exit code. */
int ctl_retention_drill(const struct config *config, const char *const *values, bool json);

#endif
