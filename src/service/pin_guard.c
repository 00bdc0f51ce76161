/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/pin_guard.h"

#include "base/log.h"
#include "modem/modem.h"
#include "store/simpin.h"

#include <string.h>

/* Stands for every card that was tried: one that does not tell its number now may be any of them.
 */
static const char any_card[] = "cualquiera";

static bool was_tried(struct store *store, const char *iccid, const char *pin)
{
    bool tried = true;
    return simpin_was_tried(store, iccid, pin, &tried) != CC_OK || tried;
}

bool pin_guard_may_try(struct store *store, const char *iccid, const char *pin, int64_t now_ms)
{
    bool is_unnamed = strcmp(iccid, MODEM_NO_ICCID) == 0;
    /* a card whose number could not be read then may be this one, and the other way round */
    if (was_tried(store, iccid, pin) ||
        was_tried(store, is_unnamed ? any_card : MODEM_NO_ICCID, pin))
        return false;
    return simpin_trying(store, iccid, pin, now_ms) == CC_OK &&
           simpin_trying(store, any_card, pin, now_ms) == CC_OK;
}

void pin_guard_worked(struct store *store, const char *iccid, const char *pin)
{
    if (simpin_worked(store, iccid, pin) != CC_OK || simpin_worked(store, any_card, pin) != CC_OK)
        log_warning("no se ha podido anotar que el PIN de la SIM es correcto");
}
