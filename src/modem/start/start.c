/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/start/private.h"

#include "base/alloc.h"

#include <stdlib.h>

void modem_start_init(struct modem *modem)
{
    modem->start = alloc_or_abort(sizeof(*modem->start));
    modem->start->pin.told = -1;
}

void modem_start_done(struct modem *modem)
{
    free(modem->start);
}

void modem_start_forget(struct modem *modem)
{
    modem->start->mute = (struct start_mute){0};
    modem->start->gap_ms = 0;
    if (modem->start->pin.step == PIN_BUSY)
        modem->start->pin.step =
            PIN_GIVEN; /* another card may come back: its counter proves nothing */
}

bool modem_start_take_event(struct modem *modem, const char *line)
{
    return start_take_settings_event(modem, line) || start_take_network_event(modem, line);
}
