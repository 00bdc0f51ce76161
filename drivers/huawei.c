/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Huawei sticks. Sources: MODEMS 2 (rows E220, E1550, E3372) and 1 (#1, #2, #3, #13, #14);
 * ModemManager's udev rules for the port's protocol; usb-modeswitch-data 20191128 for the disk IDs;
 * Huawei ME909s AT Command Interface Specification for ^HCSQ and ^CHIPTEMP.
 */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

static const char *const makers[] = {"huawei", NULL};
static const char *const lte_models[] = {"E3372", "E3272", "E3276", "E3531", "E398",
                                         "E392",  "ME90",  "ME92",  NULL};

/*
 * The port for commands is told by its protocol (02, 12 and 32 are "PC UI" in the three numberings
 * of the maker; 01, 10 and 31 the one for PPP), never by its number.
 */
static const struct driver_usb usb[] = {
    {.vid = 0x12d1, .pid = 0x1446, .mode = DRIVER_USB_STORAGE, .interface = -1, .second = -1},
    {.vid = 0x12d1, .pid = 0x14d1, .mode = DRIVER_USB_STORAGE, .interface = -1, .second = -1},
    {.vid = 0x12d1, .pid = 0x14fe, .mode = DRIVER_USB_STORAGE, .interface = -1, .second = -1},
    {.vid = 0x12d1, .pid = 0x1505, .mode = DRIVER_USB_STORAGE, .interface = -1, .second = -1},
    {.vid = 0x12d1, .pid = 0x1520, .mode = DRIVER_USB_STORAGE, .interface = -1, .second = -1},
    {.vid = 0x12d1, .pid = 0x1c0b, .mode = DRIVER_USB_STORAGE, .interface = -1, .second = -1},
    {.vid = 0x12d1, .pid = 0x1f01, .mode = DRIVER_USB_STORAGE, .interface = -1, .second = -1},
    {.vid = 0x12d1, .pid = 0x14db, .mode = DRIVER_USB_NETWORK, .interface = -1, .second = -1},
    {.vid = 0x12d1, .pid = 0x14dc, .mode = DRIVER_USB_NETWORK, .interface = -1, .second = -1},
    {.vid = 0x12d1, .interface = -1, .second = -1, .protocols = {0x02, 0x12, 0x32}},
    {.vid = 0},
};

/* A switch beside +CFUN, which then says 1 or 7: of the software first, of the case behind it. */
#define ROW_RADIO_SWITCH                                                                           \
    {                                                                                              \
        .ask = "AT^RFSWITCH?", .prefix = "^RFSWITCH:", .wanted = {"1"},                            \
        .commands = {"AT^RFSWITCH=1"}, .optional = true                                            \
    }

static const struct driver_init init[] = {
    ROW_RADIO_SWITCH,
    /* periodic reports of signal and traffic off: their flood is what hung the peers */
    {.commands = {"AT^CURC=0"}, .optional = true},
    ROW_PDU_MODE,
    ROW_NO_ACKNOWLEDGE,
    ROW_MEMORY_SIM,
    ROW_NOTIFY_MODE_1,
    ROW_END,
};

static const struct driver_init lte_init[] = {
    ROW_RADIO_SWITCH,
    {.commands = {"AT^CURC=0"}, .optional = true},
    /* USSD answers as plain text, not as a PDU */
    {.commands = {"AT^USSDMODE=0"}, .optional = true},
    ROW_PDU_MODE,
    ROW_NO_ACKNOWLEDGE,
    ROW_MEMORY_SIM,
    ROW_NOTIFY_MODE_1,
    ROW_END,
};

/* ^BOOT is not among them: an E220 says it for ever. A stick that restarts leaves the bus. */
static const char *const restarts[] = {"^SYSSTART", NULL};

/* MU736 and its kin know AT+CFUN=16 alone (ModemManager, huawei plugin). */
static const char *const restart_ways[] = {"AT^RESET", "AT+CFUN=16", NULL};

static const struct driver_reading lte_readings[] = {
    /* 1 = -120 dBm, steps of 1 dB; the first number, in every radio technology */
    {.what = DRIVER_SIGNAL_DBM,
     .command = "AT^HCSQ?",
     .prefix = "^HCSQ:",
     .field = 1,
     .offset = -121,
     .min = -120,
     .max = -25},
    /* tenths of a degree; 65535 = no such sensor. Refused by most sticks, answered by the ME909 */
    {.what = DRIVER_TEMPERATURE_C,
     .command = "AT^CHIPTEMP?",
     .prefix = "^CHIPTEMP:",
     .div = 10,
     .min = -40,
     .max = 125},
    {.command = NULL},
};

static const struct driver_form iccid_forms[] = {
    FORM_ICCID_STANDARD,
    {.command = "AT^ICCID?", .prefix = "^ICCID:"},
    FORM_END,
};

static const struct driver_form pin_counters[] = {
    FORM_PIN_STANDARD,
    /* state, tries, PUK, PIN, PUK2, PIN2 */
    {.command = "AT^CPIN?", .prefix = "^CPIN:", .word = "SIM PIN", .field = 3},
    FORM_END,
};

const struct driver driver_huawei = {
    .name = "huawei",
    .manufacturers = makers,
    .usb = usb,
    .init = init,
    .restarts = restarts,
    .restart_ways = restart_ways,
    .iccid_forms = iccid_forms,
    .pin_counters = pin_counters,
    .advice = "Módem 3G antiguo: las redes 3G se están apagando; prevea cambiarlo por uno LTE.",
};

const struct driver driver_huawei_lte = {
    .name = "huawei-lte",
    .manufacturers = makers,
    .models = lte_models,
    .init = lte_init,
    .restarts = restarts,
    .readings = lte_readings,
    .restart_ways = restart_ways,
    .iccid_forms = iccid_forms,
    .pin_counters = pin_counters,
    .advice = "Si cambia de módem, compre la versión «stick»: la HiLink del mismo nombre es una "
              "tarjeta de red y no envía SMS con órdenes AT.",
};
