/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cinterion: Siemens, then Gemalto, then Thales, now Telit Cinterion. Sources: MODEMS 2; gammu pull
 * request 1207 (what an MC75i answers); AC75 AT command set v01.002 19.6 (AT^SCTM), MC55 v04.00
 * 18.4 (AT^SBV); ModemManager's 77-mm-cinterion-port-types.rules. Its events begin
 * with ^ or are +CIEV:, which the generic ones name already.
 */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

static const struct driver_init init[] = {
    ROW_PDU_MODE,
    ROW_NO_ACKNOWLEDGE,
    /* an MC75i refuses ME as the third memory, where received messages go */
    {.commands = {"AT+CPMS=\"SM\",\"SM\",\"SM\"", "AT+CPMS=\"MT\",\"MT\",\"MT\"",
                  "AT+CPMS=\"SM\",\"SM\""},
     .optional = true},
    /* MC75i takes only 1 as <bfr>, and as <ds> what its phase allows: with CSMS=0 the older ones
       store reports (2, announced by +CDSI) and give none directly */
    {.commands = {"AT+CNMI=2,1,0,1,1", "AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,2,1",
                  "AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,0,1"},
     .optional = true},
    ROW_END,
};

static const char *const restarts[] = {"^SYSSTART", NULL};

/* ^SCTM: <n>,<state>[,<degrees>]: models without the third field give no temperature. */
static const struct driver_reading readings[] = {
    {.what = DRIVER_TEMPERATURE_C,
     .command = "AT^SCTM?",
     .prefix = "^SCTM:",
     .field = 2,
     .min = -50,
     .max = 125},
    {.what = DRIVER_SUPPLY_MV, .command = "AT^SBV", .prefix = "^SBV:", .min = 2500, .max = 6000},
    {.command = NULL},
};

static const struct driver_usb usb[] = {
    {.vid = 0x1e2d, .pid = 0x005b, .interface = 0, .second = 2}, /* PLS62 */
    {.vid = 0x1e2d, .pid = 0x005d, .interface = 0, .second = 2}, /* PLS62, as MBIM */
    {.vid = 0x1e2d, .pid = 0x0061, .interface = 2, .second = 0}, /* PLS8; 00 is meant for PPP */
    {.vid = 0x1e2d, .pid = 0x0069, .interface = 0, .second = 2}, /* PLS63 */
    {.vid = 0x1e2d, .pid = 0x006f, .interface = 0, .second = 2}, /* PLS83 */
    {.vid = 0x1e2d, .pid = 0, .interface = -1, .second = -1},    {.vid = 0},
};

static const char *const manufacturers[] = {"Cinterion", "Siemens", "Gemalto", "Thales", NULL};
static const char *const models_legacy[] = {"MC", "TC", "AC", "BG", "EG", "EH",
                                            "EE", "EU", "PH", "XT", NULL};

static const struct driver_form pin_counters[] = {
    FORM_PIN_STANDARD,
    {.command = "AT^SPIC", .prefix = "^SPIC:"}, /* of what the card is waiting for */
    FORM_END,
};

const struct driver driver_cinterion_legacy = {
    .name = "cinterion-2g3g",
    .manufacturers = manufacturers,
    .models = models_legacy,
    .init = init,
    .restarts = restarts,
    .readings = readings,
    .pin_counters = pin_counters,
    .advice = ADVICE_2G_3G,
};

const struct driver driver_cinterion = {
    .name = "cinterion",
    .manufacturers = manufacturers,
    .usb = usb,
    .init = init,
    .restarts = restarts,
    .readings = readings,
    .pin_counters = pin_counters,
};
