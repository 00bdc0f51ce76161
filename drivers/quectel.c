/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Quectel. Sources: MODEMS 2 (rows EC25, M95) and 3; EC25&EC21 AT Commands Manual V1.3 (CBC, QTEMP,
 * QCFG, QURCCFG, URCs); LTE IMS Application Note (QCFG "ims"); M95 AT Commands Manual (CBC);
 * ModemManager's udev rules for the ports.
 */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

enum { READY_SECONDS = 30 }; /* from power-on to "SMS DONE" with a card that is slow to answer */

static const char *const makers[] = {"Quectel", NULL};
static const char *const gsm_models[] = {"Quectel_M", "M35", "M66", "M95", "MC60", NULL};

/* All of them: 0 diagnosis, 1 positions, 2 commands, 3 modem (also takes commands) */
static const struct driver_usb usb[] = {
    {.vid = 0x2c7c, .pid = 0x0121, .interface = 2, .second = 3}, /* EC21 */
    {.vid = 0x2c7c, .pid = 0x0125, .interface = 2, .second = 3}, /* EC25, EG25 */
    {.vid = 0x2c7c, .pid = 0x0191, .interface = 2, .second = 3}, /* EG91 */
    {.vid = 0x2c7c, .pid = 0x0195, .interface = 2, .second = 3}, /* EG95 */
    {.vid = 0x2c7c, .pid = 0x0296, .interface = 2, .second = 3}, /* BG96 */
    {.vid = 0x2c7c, .pid = 0x0306, .interface = 2, .second = 3}, /* EG06, EP06 */
    {.vid = 0x2c7c, .interface = -1, .second = -1},              /* any other: port by port */
    {.vid = 0},
};

static const struct driver_init gsm_init[] = {
    ROW_PDU_MODE_WITHIN(READY_SECONDS),
    ROW_NO_ACKNOWLEDGE,
    ROW_MEMORY_SIM,
    ROW_NOTIFY_MODE_2,
    ROW_END,
};

static const struct driver_init lte_init[] = {
    /* reports and announcements on every port, so that they reach the one we are on */
    {.ask = "AT+QURCCFG=\"urcport\"",
     .prefix = "+QURCCFG: \"urcport\",",
     .wanted = {"all", "ALL"},
     .commands = {"AT+QURCCFG=\"urcport\",\"all\""},
     .optional = true,
     .is_blind = true},
    /* the network's time as local time with its zone; 1 would give UTC with a zone beside it */
    {.ask = "AT+CTZU?",
     .prefix = "+CTZU:",
     .wanted = {"3"},
     .commands = {"AT+CTZU=3"},
     .optional = true,
     .is_blind = true},
    ROW_PDU_MODE_WITHIN(READY_SECONDS),
    ROW_NO_ACKNOWLEDGE,
    ROW_MEMORY_SIM,
    ROW_NOTIFY_MODE_2,
    ROW_END,
};

static const char *const gsm_events[] = {
    "+QNSTATUS:",    "Call Ready",   "SMS Ready",         "+CPIN:", "+CFUN:",
    "UNDER_VOLTAGE", "OVER_VOLTAGE", "NORMAL POWER DOWN", "RDY",    NULL,
};
static const char *const lte_events[] = {
    "+QIND:", "+QUSIM:", "+QGPSURC:", "+QLWURC:", "+CPIN:", "+CFUN:", "RDY", "POWERED DOWN", NULL,
};

static const char *const gsm_restarts[] = {"RDY", "Call Ready", "SMS Ready", NULL};
static const char *const lte_restarts[] = {"RDY", "+QIND: SMS DONE", NULL};

#define READ_SUPPLY                                                                                \
    {                                                                                              \
        .what = DRIVER_SUPPLY_MV, .command = "AT+CBC", .prefix = "+CBC:", .field = 2, .min = 2500, \
        .max = 6000                                                                                \
    }

#define READ_TEMPERATURE(sensor)                                                                   \
    {                                                                                              \
        .what = DRIVER_TEMPERATURE_C, .command = "AT+QTEMP",                                       \
        .prefix = "+QTEMP:", .field = (sensor), .min = -45, .max = 125                             \
    }

static const struct driver_reading gsm_readings[] = {
    READ_SUPPLY,
    {.command = NULL},
};

static const struct driver_reading lte_readings[] = {
    READ_SUPPLY,
    /* power circuit, crystal, amplifier; 255 = no sensor */
    READ_TEMPERATURE(0),
    READ_TEMPERATURE(1),
    READ_TEMPERATURE(2),
    /* "ims",<0 as the operator's profile says, 1 forced, 2 barred>,<1 in use> */
    {.what = DRIVER_IMS, .command = "AT+QCFG=\"ims\"", .prefix = "+QCFG:", .field = 2, .max = 1},
    {.command = NULL},
};

static const struct driver_form iccid_forms[] = {
    FORM_ICCID_STANDARD,
    {.command = "AT+QCCID"},
    FORM_END,
};

static const struct driver_form pin_counters[] = {
    FORM_PIN_STANDARD,
    {.command = "AT+QPINC?", .prefix = "+QPINC:", .word = "SC", .field = 1},
    FORM_END,
};

const struct driver driver_quectel_gsm = {
    .name = "quectel-2g",
    .manufacturers = makers,
    .models = gsm_models,
    .init = gsm_init,
    .events = gsm_events,
    .restarts = gsm_restarts,
    .readings = gsm_readings,
    .iccid_forms = iccid_forms,
    .pin_counters = pin_counters,
    .advice = "Módem solo 2G: estas redes se apagarán; prevea cambiarlo por uno LTE.",
};

const struct driver driver_quectel_lte = {
    .name = "quectel-lte",
    .manufacturers = makers,
    .usb = usb,
    .init = lte_init,
    .events = lte_events,
    .restarts = lte_restarts,
    .readings = lte_readings,
    .iccid_forms = iccid_forms,
    .pin_counters = pin_counters,
    .advice =
        "El ajuste IMS queda guardado en el módulo y sobrevive a un cambio de SIM: si los SMS "
        "solo fallan en 4G, siga hw/quectel.md.",
};
