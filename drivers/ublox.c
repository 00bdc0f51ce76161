/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * u-blox cellular (its GNSS receivers share the vendor id and are no modems: hence no row for "any
 * other product"). Sources: MODEMS 2; ModemManager's u-blox rules and plugin; u-blox AT manuals
 * UBX-13002752 and UBX-17003787. AT+UTEMP? is not read: its unit (degrees or tenths) and its fields
 * differ from model to model.
 */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

static const struct driver_init init[] = {
    ROW_PDU_MODE, ROW_NO_ACKNOWLEDGE, ROW_MEMORY_SIM, ROW_NOTIFY_MODE_2, ROW_END,
};

/* All of +UUxxx are events by the maker's convention; +PBREADY and +READY are said at power-on. */
static const char *const events[] = {
    "+UU", "+PBREADY", "+READY", "+UCALLSTAT:", "+UMWI:", NULL,
};

/* TOBY-L2 and -L4 say it some 20 s after power-on; the others say nothing of their own. +PBREADY is
   not among them: it comes when the telephone book has been read, long after the network. */
static const char *const restarts[] = {"+READY", NULL};

/* SARA-R412M refuses 16, a reset with the SIM's too, and takes 15, the silent one (TinyGSM#257). */
static const char *const restart_ways[] = {"AT+CFUN=16", "AT+CFUN=15", NULL};

/* ModemManager: 77-mm-ublox-port-types.rules. */
static const struct driver_usb usb_legacy[] = {
    {.vid = 0x1546, .pid = 0x1102, .interface = 0, .second = 2},  /* LISA-U2, SARA-U2 */
    {.vid = 0x1546, .pid = 0x1104, .interface = 0, .second = -1}, /* their other arrangement */
    {.vid = 0},
};

static const struct driver_usb usb[] = {
    {.vid = 0x1546, .pid = 0x1107, .interface = 0, .second = 2},   /* TOBY-R2 */
    {.vid = 0x1546, .pid = 0x110a, .interface = 0, .second = 2},   /* LARA-R2 */
    {.vid = 0x1546, .pid = 0x1010, .interface = 6, .second = -1},  /* TOBY-L4 */
    {.vid = 0x1546, .pid = 0x1141, .interface = -1, .second = -1}, /* TOBY-L2 */
    {.vid = 0x1546, .pid = 0x1143, .interface = -1, .second = -1}, /* TOBY-L2 */
    {.vid = 0x1546, .pid = 0x1146, .interface = -1, .second = -1}, /* TOBY-L2 */
    {.vid = 0x05c6, .pid = 0x908b, .interface = 1, .second = 2},   /* LARA-R6, Qualcomm's id */
    {.vid = 0},
};

static const char *const manufacturers[] = {"u-blox", NULL};
static const char *const models_legacy[] = {"LEON", "LISA", "SARA-G", "SARA-U", NULL};

static const struct driver_form pin_counters[] = {
    FORM_PIN_STANDARD,
    {.command = "AT+UPINCNT", .prefix = "+UPINCNT:"}, /* PIN, PIN2, PUK, PUK2 */
    FORM_END,
};

const struct driver driver_ublox_legacy = {
    .name = "ublox-2g3g",
    .manufacturers = manufacturers,
    .models = models_legacy,
    .usb = usb_legacy,
    .init = init,
    .events = events,
    .restarts = restarts,
    .restart_ways = restart_ways,
    .iccid_forms = driver_ccid_forms,
    .pin_counters = pin_counters,
    .advice = ADVICE_2G_3G,
};

const struct driver driver_ublox = {
    .name = "ublox",
    .manufacturers = manufacturers,
    .usb = usb,
    .init = init,
    .events = events,
    .restarts = restarts,
    .restart_ways = restart_ways,
    .iccid_forms = driver_ccid_forms,
    .pin_counters = pin_counters,
    .advice =
        "El perfil de operador (AT+UMNOPROF) queda guardado en el módulo: si se cambia la SIM "
        "de operador, compruébelo.",
};
