/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/driver.h"

#include <string.h>
#include <strings.h>

static bool begins_with_one_of(const char *text, const char *const *beginnings)
{
    for (; beginnings != NULL && *beginnings != NULL; beginnings++)
        if (strncasecmp(text, *beginnings, strlen(*beginnings)) == 0)
            return true;
    return false;
}

const struct driver *driver_find(const struct driver_table *table, const char *manufacturer,
                                 const char *model)
{
    for (const struct driver *const *family = table->families; *family != NULL; family++)
        if (begins_with_one_of(manufacturer, (*family)->manufacturers) &&
            ((*family)->models == NULL || begins_with_one_of(model, (*family)->models)))
            return *family;
    return table->generic;
}

static const struct driver_usb *find_row(const struct driver *driver, uint16_t vid, uint16_t pid)
{
    for (const struct driver_usb *row = driver->usb; row != NULL && row->vid != 0; row++)
        if (row->vid == vid && row->pid == pid)
            return row;
    return NULL;
}

const struct driver_usb *driver_find_usb(const struct driver_table *table, uint16_t vid,
                                         uint16_t pid, const struct driver **ret)
{
    const uint16_t pids[] = {pid, 0};
    for (size_t p = 0; p < sizeof(pids) / sizeof(pids[0]); p++) {
        for (const struct driver *const *family = table->families; *family != NULL; family++) {
            const struct driver_usb *row = find_row(*family, vid, pids[p]);
            if (row != NULL) {
                *ret = *family;
                return row;
            }
        }
    }
    return NULL;
}
