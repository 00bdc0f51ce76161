/* SPDX-License-Identifier: EUPL-1.2 */
/* Every modem family that we know; a new one is one file and one line here. */
#include "drivers/registry.h"

#include "drivers/families.h"

#include <stddef.h>

static const struct driver *const families[] = {
    /* where a maker has several, the one that names its models stands first */
    &driver_cinterion_legacy,
    &driver_cinterion,
    &driver_huawei_lte,
    &driver_huawei,
    &driver_nordic,
    &driver_quectel_gsm,
    &driver_quectel_lte,
    &driver_sierra_hl,
    &driver_sierra,
    &driver_simcom_a76xx,
    &driver_simcom_gsm,
    &driver_simcom_lte,
    &driver_telit_legacy,
    &driver_telit,
    &driver_ublox_legacy,
    &driver_ublox,
    &driver_wavecom,
    &driver_zte,
    NULL,
};

const struct driver_table driver_registry = {.families = families, .generic = &driver_generic};
