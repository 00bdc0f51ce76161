/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * ZTE sticks (MF190, MF6xx). Sources: MODEMS 2, row ZTE; ModemManager's udev rules for the ports
 * (they differ per model) and its note on +ZUSIMR; usb-modeswitch-data 20191128 for the disk IDs.
 */
#include "drivers/families.h"
#include "drivers/rows.h"

#include <stddef.h>

static const char *const makers[] = {"ZTE", NULL};

/* Interfaces: for commands, and another that takes them too */
#define MODEM(product, port, other)                                                                \
    {                                                                                              \
        .vid = 0x19d2, .pid = (product), .interface = (port), .second = (other)                    \
    }
#define DISK(product)                                                                              \
    {                                                                                              \
        .vid = 0x19d2, .pid = (product), .mode = DRIVER_USB_STORAGE, .interface = -1, .second = -1 \
    }

static const struct driver_usb usb[] = {
    DISK(0x2000),
    DISK(0x0083),
    DISK(0x0103),
    DISK(0x0166),
    DISK(0x1224),
    MODEM(0x0001, 0, 2),
    MODEM(0x0016, 2, 1),
    MODEM(0x0017, 2, 1),
    MODEM(0x0031, 3, 1),
    MODEM(0x0037, 3, 1),
    MODEM(0x0052, 3, 1),
    MODEM(0x0063, 3, 1),
    MODEM(0x0064, 2, 0),
    MODEM(0x0082, 3, 1),
    MODEM(0x0104, 3, 1),
    MODEM(0x0108, 3, 1),
    MODEM(0x0117, 2, 1),
    MODEM(0x1008, 3, 1),
    MODEM(0x2002, 3, 1),
    MODEM(0x2003, 3, 1),
    {.vid = 0x19d2, .interface = -1, .second = -1}, /* any other: port by port */
    {.vid = 0},
};

static const struct driver_init init[] = {
    /* +ZUSIMR:2 is repeated until the memories are asked for; a full buffer crashes the modem */
    {.commands = {"AT+CPMS?"}, .optional = true},
    ROW_PDU_MODE,
    ROW_NO_ACKNOWLEDGE,
    ROW_MEMORY_SIM,
    ROW_NOTIFY_MODE_1,
    ROW_END,
};

static const char *const events[] = {
    "+ZUSIMR:", "+ZDONR:", "+ZPASR:", "+ZPSTM:", "+ZEND", NULL,
};

/* None: it leaves the bus when it restarts. */
static const char *const restarts[] = {NULL};

static const struct driver_form pin_counters[] = {
    FORM_PIN_STANDARD,
    {.command = "AT+ZPINPUK=?", .prefix = "+ZPINPUK:"}, /* PIN, PUK */
    FORM_END,
};

const struct driver driver_zte = {
    .name = "zte",
    .manufacturers = makers,
    .usb = usb,
    .init = init,
    .events = events,
    .restarts = restarts,
    .pin_counters = pin_counters,
    .advice = "Módem 3G antiguo, y algunos modelos (MF190) no dan informes de entrega; prevea "
              "cambiarlo por uno LTE.",
};
