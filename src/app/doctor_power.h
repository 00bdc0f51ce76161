/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Checks of the doctor on what stands between the service and a port that it uses: ModemManager,
 * and for corte_usb the program, the right and the hub that cut its supply.
 */
#ifndef CC_APP_DOCTOR_POWER_H
#define CC_APP_DOCTOR_POWER_H

#include "app/config.h"

#include <jansson.h>

/* Appends a finding where ModemManager runs and udev leaves it a USB port of ours. status: the
 * daemon's; NULL = it does not answer. */
void doctor_look_rivals(const struct config *config, const json_t *status, json_t *findings);
/*
 * Appends, for each modem with corte_usb, what is missing for it. uhubctl: its whole path. Time:
 * that of uhubctl, at most 10 s a modem.
 */
void doctor_look_supply(const struct config *config, const json_t *status, const char *uhubctl,
                        json_t *findings);

#endif
