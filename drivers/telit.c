/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Telit. Sources: MODEMS 2; LE910 V2 AT reference 80446ST10707A, UC864-E/G AT reference
 * 80304ST10041a, ME310G1 family AT reference 80617ST10991A (the pages are named at each row).
 */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

static const struct driver_init init[] = {
    ROW_PDU_MODE,
    ROW_NO_ACKNOWLEDGE,
    /* the lines on each change of the SIM: +CPIN? tells us when we want to know */
    {.commands = {"AT#QSS=0"}, .optional = true},
    ROW_MEMORY_SIM,
    ROW_NOTIFY_MODE_2,
    ROW_END,
};

/* #STN: of a card with menus (SIM toolkit) comes at any time and broke another program's reader;
   #TEMPMEAS: is an answer too, which its prefix tells apart. MODEMS 2. */
static const char *const events[] = {"#QSS:", "#STN:", "#TEMPMEAS:", "#PSNT:", NULL};

/* AT#TEMPMON=1: <level>,<value> in degrees (UC864 guide p. 163, LE910 V2 p. 200); AT#CBC:
   <state>,<voltage> in tens of mV (ME310G1 guide p. 291). */
static const struct driver_reading readings[] = {
    {.what = DRIVER_TEMPERATURE_C,
     .command = "AT#TEMPMON=1",
     .prefix = "#TEMPMEAS:",
     .field = 1,
     .min = -40,
     .max = 120},
    {.what = DRIVER_SUPPLY_MV,
     .command = "AT#CBC",
     .prefix = "#CBC:",
     .field = 1,
     .mul = 10,
     .min = 2500,
     .max = 5500},
    {.command = NULL},
};

/* Interfaces as ModemManager's udev rules of 2025 tag them (77-mm-telit-port-types.rules). */
static const struct driver_usb usb_legacy[] = {
    {.vid = 0x1bc7, .pid = 0x0021, .interface = 0, .second = 6}, /* HE910, UE910, UL865 */
    {.vid = 0x1bc7, .pid = 0x1003, .interface = 0, .second = 2}, /* UC864-E, -K, -WD */
    {.vid = 0x1bc7, .pid = 0x1004, .interface = 0, .second = 3}, /* UC864-G; 02 is its GPS */
    {.vid = 0},
};

static const struct driver_usb usb[] = {
    {.vid = 0x1bc7, .pid = 0x1031, .interface = 1, .second = 2}, /* LE910C1-EUX */
    {.vid = 0x1bc7, .pid = 0x1033, .interface = 1, .second = 2}, /* the same, as ECM */
    {.vid = 0x1bc7, .pid = 0x1040, .interface = 4, .second = 5}, /* LE922, LM940, LM960 */
    {.vid = 0x1bc7, .pid = 0x1041, .interface = 5, .second = 6}, /* the same, as MBIM */
    {.vid = 0x1bc7, .pid = 0x1050, .interface = 4, .second = 5}, /* FN980 */
    {.vid = 0x1bc7, .pid = 0x1060, .interface = 4, .second = 5}, /* LN920; 03 is its GPS */
    {.vid = 0x1bc7, .pid = 0x1061, .interface = 5, .second = 6}, /* the same, as MBIM */
    {.vid = 0x1bc7, .pid = 0x1070, .interface = 4, .second = 5}, /* FN990 */
    {.vid = 0x1bc7, .pid = 0x1101, .interface = 1, .second = 2}, /* ME910C1 */
    {.vid = 0x1bc7, .pid = 0x110a, .interface = 1, .second = 2}, /* ME310G1, ME910G1 */
    {.vid = 0x1bc7, .pid = 0x1201, .interface = 4, .second = 5}, /* LE910C1, LE910C4 */
    {.vid = 0x1bc7, .pid = 0x1204, .interface = 5, .second = 6}, /* the same, as MBIM */
    {.vid = 0x1bc7, .pid = 0x7010, .interface = 4, .second = 3}, /* LE910S1 */
    {.vid = 0x1bc7, .pid = 0x7011, .interface = 4, .second = 3}, /* the same, as ECM */
    {.vid = 0x1bc7, .pid = 0x7020, .interface = 6, .second = 2}, /* LE910Q1 */
    {.vid = 0x1bc7, .pid = 0x7021, .interface = 6, .second = 2}, /* the same, as ECM */
    {.vid = 0x1bc7, .pid = 0, .interface = -1, .second = -1},    {.vid = 0},
};

static const char *const manufacturers[] = {"Telit", NULL};
static const char *const models_legacy[] = {"GE8", "GE9", "GL8", "GM8", "GC8", "UC8",
                                            "UE9", "UL8", "HE8", "HE9", NULL};

static const char *const restart_ways[] = {"AT#REBOOT", NULL};

/* The pause between a result and the next command: LE910C guide 2.2.5 (MODEMS 2). */
enum { GAP_MS = 20 };

static const struct driver_form pin_counters[] = {
    FORM_PIN_STANDARD,
    {.command = "AT#PCT", .prefix = "#PCT:"}, /* of what the card is waiting for */
    FORM_END,
};

const struct driver driver_telit_legacy = {
    .name = "telit-2g3g",
    .manufacturers = manufacturers,
    .models = models_legacy,
    .usb = usb_legacy,
    .init = init,
    .events = events,
    .readings = readings,
    .restart_ways = restart_ways,
    .iccid_forms = driver_ccid_forms,
    .pin_counters = pin_counters,
    .gap_ms = GAP_MS,
    .advice = ADVICE_2G_3G,
};

const struct driver driver_telit = {
    .name = "telit",
    .manufacturers = manufacturers,
    .usb = usb,
    .init = init,
    .events = events,
    .readings = readings,
    .restart_ways = restart_ways,
    .iccid_forms = driver_ccid_forms,
    .pin_counters = pin_counters,
    .gap_ms = GAP_MS,
};
