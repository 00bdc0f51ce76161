/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * contraclavectl base: looks at the server that is to hold the database, and takes a database from
 * a file to a server or back, in contraclavectl's own process and with the service stopped.
 */
#ifndef CC_APP_CTL_BASE_H
#define CC_APP_CTL_BASE_H

#include "app/config.h"

#include <stdbool.h>

/* Each prints what it found or did and returns the exit code. values: see enum ctl_field. */
int ctl_base_check(const struct config *config, const char *const *values, bool json);
int ctl_base_transfer(const struct config *config, const char *const *values, bool json);

#endif
