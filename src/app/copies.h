/* SPDX-License-Identifier: EUPL-1.2 */
/* contraclavectl copia and restaura: copies of the database, in contraclavectl's own process. */
#ifndef CC_APP_COPIES_H
#define CC_APP_COPIES_H

#include "app/config.h"

#include <stdbool.h>

/* The process as the store needs it: its files for one user alone, the town's time. */
void copies_prepare(const struct config *config);

/* Each prints what it did and what it means, and returns the exit code. values: see enum ctl_field.
 */
int copies_make(const struct config *config, const char *const *values, bool json);
int copies_restore(const struct config *config, const char *const *values, bool json);

#endif
