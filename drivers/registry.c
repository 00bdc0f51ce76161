/* SPDX-License-Identifier: EUPL-1.2 */
/* Every modem family that we know; a new one is one file and one line here. */
#include "modem/driver.h"

#include <string.h>
#include <strings.h>

const struct driver *const drivers[] = {
    &driver_generic,
    NULL,
};

static bool claims(const struct driver *driver, const char *manufacturer)
{
    const char *const *name = driver->manufacturers;
    for (; name != NULL && *name != NULL; name++)
        if (strncasecmp(manufacturer, *name, strlen(*name)) == 0)
            return true;
    return false;
}

const struct driver *driver_for(const char *manufacturer)
{
    for (size_t i = 0; drivers[i] != NULL; i++)
        if (claims(drivers[i], manufacturer))
            return drivers[i];
    return &driver_generic;
}
