/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * SIMCom. Sources: MODEMS 2 (rows SIM800/900, SIM7100/7500/7600, A76xx) and 1 #16; SIM800 Series AT
 * Command Manual V1.09 (CBC, CMTE); SIM7500/SIM7600 and A76XX Series AT Command Manuals (CBC,
 * CPMUTEMP); ModemManager's udev rules for the ports.
 */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

enum { READY_SECONDS = 30 }; /* from power-on to "SMS Ready" with a card that is slow to answer */

/* "INCORPORATED" alone is what the A76xx make of "SIMCOM INCORPORATED" in some firmware */
static const char *const makers[] = {"SIMCOM", "INCORPORATED", NULL};
static const char *const a76xx_models[] = {"A76", "SIM767", "SIMCOM_A76", "SIMCOM_SIM767", NULL};
static const char *const gsm_models[] = {"SIMCOM_SIM80", "SIMCOM_SIM84", "SIMCOM_SIM86",
                                         "SIMCOM_SIM90", "SIM80",        "SIM84",
                                         "SIM86",        "SIM90",        NULL};

static const struct driver_usb usb[] = {
    {.vid = 0x1e0e, .pid = 0xf000, .mode = DRIVER_USB_STORAGE, .interface = -1, .second = -1},
    {.vid = 0x1e0e, .pid = 0x9001, .interface = 2, .second = 3},
    {.vid = 0x1e0e, .pid = 0x9100, .interface = 3, .second = 1},
    {.vid = 0x1e0e, .pid = 0x9200, .interface = 3, .second = 1},
    {.vid = 0x1e0e, .pid = 0x9205, .interface = 2, .second = -1},
    {.vid = 0x1e0e, .pid = 0x9206, .interface = 2, .second = -1},
    {.vid = 0},
};

static const struct driver_usb a76xx_usb[] = {
    {.vid = 0x1e0e, .pid = 0x9011, .interface = 4, .second = -1},
    {.vid = 0},
};

static const struct driver_init init[] = {
    /* the commands for messages are refused until the card has been read: "SMS Ready", "SMS DONE"
     */
    ROW_PDU_MODE_WITHIN(READY_SECONDS),
    ROW_NO_ACKNOWLEDGE,
    ROW_MEMORY_SIM,
    ROW_NOTIFY_MODE_1,
    ROW_END,
};

static const char *const gsm_events[] = {
    "+CSQN:",    "*PSUTTZ:",      "*PSNWID:",     "DST:", "+CPIN:", "+CFUN:",       "Call Ready",
    "SMS Ready", "UNDER-VOLTAGE", "OVER-VOLTAGE", "RDY",  "+CMTE:", "NORMAL POWER", NULL,
};
static const char *const lte_events[] = {
    "+CNSMOD:",  "+NITZ:",  "+CTZV:",   "+CPIN:", "+CFUN:", "*ATREADY:",
    "*ISIMAID:", "PB DONE", "SMS DONE", "RDY",    NULL,
};

static const char *const gsm_restarts[] = {"RDY", "Call Ready", "SMS Ready", NULL};
static const char *const lte_restarts[] = {"RDY", "*ATREADY", "SMS DONE", NULL};

static const struct driver_reading gsm_readings[] = {
    {.what = DRIVER_SUPPLY_MV,
     .command = "AT+CBC",
     .prefix = "+CBC:",
     .field = 2,
     .min = 2500,
     .max = 6000},
    {.what = DRIVER_TEMPERATURE_C,
     .command = "AT+CMTE?",
     .prefix = "+CMTE:",
     .field = 1,
     .min = -45,
     .max = 125},
    {.command = NULL},
};

/* The supply in volts, with its unit: "3.799V" */
static const struct driver_reading lte_readings[] = {
    {.what = DRIVER_SUPPLY_MV,
     .command = "AT+CBC",
     .prefix = "+CBC:",
     .mul = 1000,
     .min = 2500,
     .max = 6000},
    {.what = DRIVER_TEMPERATURE_C,
     .command = "AT+CPMUTEMP",
     .prefix = "+CPMUTEMP:",
     .min = -45,
     .max = 125},
    {.command = NULL},
};

static const struct driver_form lte_iccid_forms[] = {
    FORM_ICCID_STANDARD,
    {.command = "AT+CICCID"},
    FORM_END,
};

static const struct driver_form pin_counters[] = {
    FORM_PIN_STANDARD,
    {.command = "AT+SPIC", .prefix = "+SPIC:"},
    FORM_END,
};

const struct driver driver_simcom_a76xx = {
    .name = "simcom-a76xx",
    .manufacturers = makers,
    .models = a76xx_models,
    .usb = a76xx_usb,
    .init = init,
    .events = lte_events,
    .restarts = lte_restarts,
    .readings = lte_readings,
    .iccid_forms = lte_iccid_forms,
    .pin_counters = pin_counters,
};

const struct driver driver_simcom_gsm = {
    .name = "simcom-2g",
    .manufacturers = makers,
    .models = gsm_models,
    .init = init,
    .events = gsm_events,
    .restarts = gsm_restarts,
    .readings = gsm_readings,
    .iccid_forms = driver_ccid_forms,
    .pin_counters = pin_counters,
    .advice = "Módem solo 2G, y se reinicia si la alimentación no da 2 A de pico: prevea cambiarlo "
              "por uno LTE.",
};

const struct driver driver_simcom_lte = {
    .name = "simcom-lte",
    .manufacturers = makers,
    .usb = usb,
    .init = init,
    .events = lte_events,
    .restarts = lte_restarts,
    .readings = lte_readings,
    .iccid_forms = lte_iccid_forms,
    .pin_counters = pin_counters,
};
