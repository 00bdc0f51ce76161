/* SPDX-License-Identifier: EUPL-1.2 */
/* The drivers that the registry lists, each in the file of its maker. */
#ifndef CC_DRIVERS_FAMILIES_H
#define CC_DRIVERS_FAMILIES_H

#include "modem/driver.h"

/* The card's number by the standard, then by AT+CCID. */
extern const struct driver_form driver_ccid_forms[];

extern const struct driver driver_generic;
extern const struct driver driver_cinterion_legacy;
extern const struct driver driver_cinterion;
extern const struct driver driver_huawei_lte;
extern const struct driver driver_huawei;
extern const struct driver driver_nordic;
extern const struct driver driver_quectel_gsm;
extern const struct driver driver_quectel_lte;
extern const struct driver driver_sierra_hl;
extern const struct driver driver_sierra;
extern const struct driver driver_simcom_a76xx;
extern const struct driver driver_simcom_gsm;
extern const struct driver driver_simcom_lte;
extern const struct driver driver_telit_legacy;
extern const struct driver driver_telit;
extern const struct driver driver_ublox_legacy;
extern const struct driver driver_ublox;
extern const struct driver driver_wavecom;
extern const struct driver driver_zte;

#endif
