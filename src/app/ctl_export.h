/* SPDX-License-Identifier: EUPL-1.2 */
/* The order `ciudadano exporta`: the registry as CSV (RFC 4180), or as a line of JSON a person. */
#ifndef CC_APP_CTL_EXPORT_H
#define CC_APP_CTL_EXPORT_H

#include "app/config.h"

#include <stdbool.h>

/* Writes to stdout, page by page; what went wrong is said on stderr. Returns the exit code. */
int ctl_export_run(const struct config *config, const char *const *values, bool json);

#endif
