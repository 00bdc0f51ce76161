/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The serial ports and USB devices of the box, as the kernel and udev tell them (sd-device):
 * enough to find a modem by VID:PID, serial number and interface instead of by the number in
 * ttyUSBn, which changes. Nothing is opened that a modem would notice. Which interface takes AT
 * commands is in the drivers' tables.
 */
#ifndef CC_LINK_PORTS_H
#define CC_LINK_PORTS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bounds of the lists; 64 ports are 19 KB: keep them on the heap. */
enum { LINK_PORTS_MAX = 64, LINK_USB_MAX = 64 };

/* A tty with hardware behind it. Fields that are unknown, or of a port that is not USB: "", 0, -1.
 */
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

/* Whether the caller looks for this port: such ports are kept where there is no room for all. */
typedef bool (*link_port_wanted_fn)(const struct link_port *port, void *user);

/*
 * The serial ports, USB ones by device and then by interface, the others (ttyS0, ttyAMA0) after
 * them by name. Ports beyond cap are left out, the wanted ones last (is_wanted NULL = all are
 * wanted): a device with a hundred ports hides no modem. No ports at all is CC_OK with a count of
 * 0. Cost: a few file reads in sysfs per port, about a millisecond; may be asked once a second.
 * Errors: CC_ERR_IO (sysfs cannot be read).
 * Source: kernel ABI/stable/sysfs-bus-usb, ABI/testing/sysfs-bus-usb, ABI/testing/sysfs-tty.
 */
enum cc_err link_ports_list(struct link_port *ports, size_t cap, link_port_wanted_fn is_wanted,
                            void *user, size_t *ret_count) CC_MUST_CHECK;

/*
 * The USB devices by name, without hubs and without those beyond cap. A box without USB has none:
 * CC_OK. Errors: CC_ERR_IO.
 */
enum cc_err link_usb_list(struct link_usb_device *devices, size_t cap,
                          size_t *ret_count) CC_MUST_CHECK;

/*
 * Whether udev has told ModemManager to leave this port alone (ID_MM_DEVICE_IGNORE, on the tty or
 * on its USB device). name: as in struct link_port. Source: ModemManager's udev rules.
 */
bool link_port_is_reserved(const char *name);

#endif
