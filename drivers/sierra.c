/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sierra Wireless: the Qualcomm based cards (MC74xx, EM74xx, EM75xx, WP76xx, RC76xx) and the HL
 * modules, which come from Wavecom and know none of the AT! commands. Sources: MODEMS 2;
 * ModemManager's 77-mm-sierra.rules; AirPrime AT command references; users' scripts for the wording
 * of AT!PCTEMP? and AT!PCVOLT?.
 */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

static const struct driver_init init[] = {
    ROW_PDU_MODE, ROW_NO_ACKNOWLEDGE, ROW_MEMORY_SIM, ROW_NOTIFY_MODE_1, ROW_END,
};

static const struct driver_init init_hl[] = {
    ROW_PDU_MODE,   ROW_NO_ACKNOWLEDGE, ROW_INDICATIONS_OFF,
    ROW_MEMORY_SIM, ROW_NOTIFY_MODE_2,  ROW_END,
};

static const char *const events_hl[] = {"+WIND:", "+KSUP:", NULL};
static const char *const restarts_hl[] = {"+KSUP:", "+WIND: 3", NULL};

/* "Temperature: 38.00 C" behind "Temp state: Normal"; "Power supply voltage: 3327 mV (ADC: 123)"
   behind "Volt state: Normal". */
static const struct driver_reading readings[] = {
    {.what = DRIVER_TEMPERATURE_C,
     .command = "AT!PCTEMP?",
     .prefix = "Temperature:",
     .min = -40,
     .max = 125},
    {.what = DRIVER_SUPPLY_MV,
     .command = "AT!PCVOLT?",
     .prefix = "Power supply voltage:",
     .min = 2500,
     .max = 5500},
    {.command = NULL},
};

static const struct driver_usb usb[] = {
    {.vid = 0x1199, .pid = 0x68c0, .interface = 3, .second = -1}, /* MC73xx, RC76xx */
    {.vid = 0x1199, .pid = 0x9071, .interface = 3, .second = -1}, /* MC74xx; 02 is its GPS */
    {.vid = 0x1199, .pid = 0x9079, .interface = 3, .second = -1}, /* EM7455 */
    {.vid = 0x1199, .pid = 0x9091, .interface = 3, .second = -1}, /* EM7565 */
    {.vid = 0x1199, .pid = 0, .interface = -1, .second = -1},     {.vid = 0},
};

static const struct driver_usb usb_hl[] = {
    {.vid = 0x1199, .pid = 0xc001, .interface = 0, .second = 2}, /* HL7812; 04 is its GPS */
    {.vid = 0},
};

/* Some firmware asks for AT!ENTERCND first and refuses. */
static const char *const restart_ways[] = {"AT!RESET", NULL};

static const char *const manufacturers[] = {"Sierra Wireless", NULL};
static const char *const models_hl[] = {"HL", NULL};

static const struct driver_form pin_counters[] = {
    FORM_PIN_STANDARD,
    {.command = "AT+CPINC?", .prefix = "+CPINC:"}, /* PIN, PIN2, PUK, PUK2 */
    FORM_END,
};

const struct driver driver_sierra_hl = {
    .name = "sierra-hl",
    .manufacturers = manufacturers,
    .models = models_hl,
    .usb = usb_hl,
    .init = init_hl,
    .events = events_hl,
    .restarts = restarts_hl,
    .pin_counters = pin_counters,
};

const struct driver driver_sierra = {
    .name = "sierra",
    .manufacturers = manufacturers,
    .usb = usb,
    .init = init,
    .readings = readings,
    .restart_ways = restart_ways,
    .pin_counters = pin_counters,
};
