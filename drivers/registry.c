/* SPDX-License-Identifier: EUPL-1.2 */
/* Every modem family that we know; a new one is one file and one line here. */
#include "drivers/families.h"
#include "modem/driver.h"

#include <string.h>
#include <strings.h>

const struct driver *const drivers[] = {
    /* where a maker has several, the one that names its models stands first */
    &driver_cinterion_legacy,
    &driver_cinterion,
    &driver_huawei_lte,
    &driver_huawei,
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
    &driver_generic,
    NULL,
};

static bool begins_with_one_of(const char *text, const char *const *beginnings)
{
    for (; beginnings != NULL && *beginnings != NULL; beginnings++)
        if (strncasecmp(text, *beginnings, strlen(*beginnings)) == 0)
            return true;
    return false;
}

const struct driver *driver_for(const char *manufacturer, const char *model)
{
    for (size_t i = 0; drivers[i] != NULL; i++)
        if (begins_with_one_of(manufacturer, drivers[i]->manufacturers) &&
            (drivers[i]->models == NULL || begins_with_one_of(model, drivers[i]->models)))
            return drivers[i];
    return &driver_generic;
}

static const struct driver_usb *find_row(const struct driver *driver, uint16_t vid, uint16_t pid)
{
    for (const struct driver_usb *row = driver->usb; row != NULL && row->vid != 0; row++)
        if (row->vid == vid && row->pid == pid)
            return row;
    return NULL;
}

const struct driver_usb *driver_usb_find(uint16_t vid, uint16_t pid, const struct driver **ret)
{
    const uint16_t pids[] = {pid, 0};
    for (size_t p = 0; p < sizeof(pids) / sizeof(pids[0]); p++) {
        for (size_t i = 0; drivers[i] != NULL; i++) {
            const struct driver_usb *row = find_row(drivers[i], vid, pids[p]);
            if (row != NULL) {
                *ret = drivers[i];
                return row;
            }
        }
    }
    return NULL;
}
