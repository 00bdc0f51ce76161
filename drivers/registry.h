/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of every modem family, for the programs: a modem is given it (modem_config.drivers). */
#ifndef CC_DRIVERS_REGISTRY_H
#define CC_DRIVERS_REGISTRY_H

#include "modem/driver.h"

extern const struct driver_table driver_registry;

#endif
