/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes the configuration for a person who helps from afar: values, and of secrets only whether
 * they are set. */
#ifndef CC_APP_CONFIG_DESCRIBE_H
#define CC_APP_CONFIG_DESCRIBE_H

#include "app/config.h"
#include "base/buf.h"

/* Appends one line for each key. A text is shown only if it is listed as harmless. */
void config_describe(const struct config *config, struct buf *out);

#endif
