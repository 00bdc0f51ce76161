/* SPDX-License-Identifier: EUPL-1.2 */
/* contraclavectl copia and restaura: copies of the database, in contraclavectl's own process. */
#ifndef CC_APP_COPIES_H
#define CC_APP_COPIES_H

#include "app/config.h"

#include "store/copy.h"

#include <stdbool.h>

/* The process as the store needs it: its files for one user alone, the town's time. */
void copies_prepare(const struct config *config);
/* Makes the new file `to`, sealed where the configuration has a seal. Errors: those of copy_make()
 * and copies_seal(). */
enum cc_err copies_write(const struct config *config, const char *to,
                         struct copy_facts *ret) CC_MUST_CHECK;

/* Each prints what it did and what it means, and returns the exit code. values: see enum ctl_field.
 */
int copies_make(const struct config *config, const char *const *values, bool json);
int copies_restore(const struct config *config, const char *const *values, bool json);

#endif
