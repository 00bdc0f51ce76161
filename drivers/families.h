/* SPDX-License-Identifier: EUPL-1.2 */
/* The drivers that the registry lists, each in the file of its maker. */
#ifndef CC_DRIVERS_FAMILIES_H
#define CC_DRIVERS_FAMILIES_H

#include "modem/driver.h"

extern const struct driver driver_cinterion_legacy;
extern const struct driver driver_cinterion;
extern const struct driver driver_sierra_hl;
extern const struct driver driver_sierra;
extern const struct driver driver_telit_legacy;
extern const struct driver driver_telit;
extern const struct driver driver_ublox_legacy;
extern const struct driver driver_ublox;
extern const struct driver driver_wavecom;

#endif
