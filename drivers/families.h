/* SPDX-License-Identifier: EUPL-1.2 */
/* The drivers of families.inc, each in the file of its maker. */
#ifndef CC_DRIVERS_FAMILIES_H
#define CC_DRIVERS_FAMILIES_H

#include "modem/driver.h"

/* The card's number by the standard, then by AT+CCID. */
extern const struct driver_form driver_ccid_forms[];

extern const struct driver driver_generic;

#define FAMILY(name) extern const struct driver driver_##name;
#include "drivers/families.inc"
#undef FAMILY

#endif
