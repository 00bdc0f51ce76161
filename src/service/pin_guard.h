/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keeps cards from being blocked: a pair of card and PIN is tried once, ever (MODEMS 1 #10),
 * whether or not the card tells its number.
 */
#ifndef CC_SERVICE_PIN_GUARD_H
#define CC_SERVICE_PIN_GUARD_H

#include "store/store.h"

/* Whether the pair may be tried now; that it is tried is durable on return. iccid may be
 * MODEM_NO_ICCID. Never inside a savepoint (store/simpin.h). */
bool pin_guard_may_try(struct store *store, const char *iccid, const char *pin, int64_t now_ms);
/* The card took the PIN: it may be tried again. Never inside a savepoint. */
void pin_guard_worked(struct store *store, const char *iccid, const char *pin);

#endif
