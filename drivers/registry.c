/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of the modem families. */
#include "drivers/registry.h"

#include "drivers/families.h"

#include <stddef.h>

static const struct driver *const families[] = {
#define FAMILY(name) &driver_##name,
#include "drivers/families.inc"
#undef FAMILY
    NULL,
};

const struct driver_table driver_registry = {.families = families, .generic = &driver_generic};
