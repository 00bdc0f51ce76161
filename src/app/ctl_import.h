/* SPDX-License-Identifier: EUPL-1.2 */
/* `ciudadano importa`: sends a file of people, shows what is wrong with it, and registers them. */
#ifndef CC_APP_CTL_IMPORT_H
#define CC_APP_CTL_IMPORT_H

#include "app/config.h"

#include <stdbool.h>

/* An order of contraclavectl (ctl_command.h). */
int ctl_import_run(const struct config *config, const char *const *values, bool json);

#endif
