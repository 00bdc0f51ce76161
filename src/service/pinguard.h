/* SPDX-License-Identifier: EUPL-1.2 */
/* Guards the PIN of each card: a pair of card and PIN is tried once, ever (MODEMS 1 #10). */
#ifndef CC_SERVICE_PINGUARD_H
#define CC_SERVICE_PINGUARD_H

#include "service/service.h"

/* As modem_events.pin_try and .pin_worked; both are durable on return. */
bool pinguard_may_try(struct service *service, const char *iccid, const char *pin);
void pinguard_worked(struct service *service, const char *iccid, const char *pin);

#endif
