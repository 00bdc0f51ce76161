/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What serial ports and USB devices this box has, as the kernel and udev tell it (sd-device):
 * enough to find a modem by what it is (VID:PID, serial number, interface) and not by its place in
 * the row of ttyUSBn, which changes (MODEMS 1 #12). Only looks: nothing is opened that a modem
 * would notice. Does not know which interface takes AT commands; the drivers' tables do.
 */
#ifndef CC_LINK_PORTS_H
#define CC_LINK_PORTS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than any box has; for arrays on the heap or in a struct there (64 ports are 19 KB). */
enum { LINK_PORTS_MAX = 64, LINK_USB_MAX = 64 };

/* A tty with hardware behind it. What is not known, or not USB, is empty, 0, or -1. */
struct link_port {
    char path[64]; /* "/dev/ttyUSB2": as link_open() takes it */
    char name[32]; /* "ttyUSB2" */
    bool is_usb;
    uint16_t vid, pid;
    char serial[64];                            /* iSerial; many sticks have none */
    char product[64];                           /* "HUAWEI Mobile" */
    int interface;                              /* bInterfaceNumber; -1 unknown */
    uint8_t if_class, if_subclass, if_protocol; /* ff/02/12… */
    char usb_device[64];                        /* the kernel's name of the device: "1-1.2" */
    int bus, address;                           /* busnum, devnum; 0 unknown */
};

/* A USB device that is no hub, with or without ttys. */
struct link_usb_device {
    uint16_t vid, pid;
    char serial[64];
    char product[64];
    char usb_device[64];
    int bus, address;
    bool has_tty;
    bool is_storage_only; /* a stick not yet switched: every interface is mass storage (class 08) */
    bool is_network_only; /* HiLink: a network card, perhaps with a disk, and no tty for AT */
};

/* What the caller looks for: kept before others where there is no room for all. */
typedef bool (*link_port_wanted_fn)(const struct link_port *port, void *user);

/*
 * The serial ports, USB ones by device and then by interface, the others (ttyS0, ttyAMA0) after
 * them by name. What goes beyond cap is left out, the wanted ones last (is_wanted NULL = all are):
 * a device with a hundred ports hides no modem. No ports at all is CC_OK with a count of 0.
 * Cost: a few file reads in sysfs per port, about a millisecond; may be asked once a second.
 * Errors: CC_ERR_IO (sysfs cannot be read).
 * Source: kernel ABI/stable/sysfs-bus-usb, ABI/testing/sysfs-bus-usb, ABI/testing/sysfs-tty.
 */
enum cc_err link_ports_list(struct link_port *ports, size_t cap, link_port_wanted_fn is_wanted,
                            void *user, size_t *ret_count) CC_MUST_CHECK;

/*
 * The USB devices by name, hubs left out; what goes beyond cap is left out too. A box without USB
 * has none: CC_OK. Errors: CC_ERR_IO.
 */
enum cc_err link_usb_list(struct link_usb_device *devices, size_t cap,
                          size_t *ret_count) CC_MUST_CHECK;

#endif
