/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Finds the modem's port: makes a list of ports to try, best first, from the key `dispositivo`, the
 * ports and USB devices of the box (link/ports.h) and the drivers' tables. Pure: the ports are
 * opened, and the other modems' claims kept, elsewhere. Never by the number in ttyUSBn, which
 * changes (MODEMS 1 #12).
 */
#ifndef CC_MODEM_FIND_FIND_H
#define CC_MODEM_FIND_FIND_H

#include "link/ports.h"
#include "modem/driver.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FIND_WRONG_MAX = 16,   /* modems with another IMEI that are remembered */
    FIND_IMEI_DIGITS = 15, /* 3GPP TS 23.003 6.2.1 */
    FIND_PLUGGED_MS = 50,  /* from the last event of a device to a look at all its ports… */
    FIND_NEWS_MAX_MS = 400 /* …or from the first, where they do not end */
};

enum find_kind {
    FIND_DIRECT, /* the text is the device itself: a path, "tcp:…", "unix:…" */
    FIND_AUTO,   /* "auto": any modem that there is */
    FIND_USB,    /* "usb:2c7c:0125", "usb:2c7c:0125#SERIAL" */
    FIND_IMEI,   /* "imei:490154203237518" */
};

struct find_spec {
    enum find_kind kind;
    uint16_t vid, pid;
    char serial[64]; /* "" = any */
    char imei[FIND_IMEI_DIGITS + 1];
};

/* Marks by which a port is known again. */
struct find_port {
    uint16_t vid, pid; /* vid 0 = none */
    char serial[64];
    char usb_device[64]; /* its socket… */
    int address;         /* …and the number it got there: a new one each time it is plugged in */
    int interface;
};

struct find_wish {
    const struct driver_table *drivers; /* whose USB tables rank the ports */
    struct find_spec spec;
    struct find_port had; /* the last one that answered AT: tried first */
    struct find_port wrong[FIND_WRONG_MAX];
    size_t wrong_count;
};

/* Devices and ports present now. Large: keep it on the heap. */
struct find_view {
    struct link_port ports[LINK_PORTS_MAX];
    bool taken[LINK_PORTS_MAX]; /* of a device that is another modem section's */
    size_t port_count;
    struct link_usb_device devices[LINK_USB_MAX];
    size_t device_count;
};

/* Why there is no port to try, the most telling reason first. */
enum find_reason {
    FIND_STORAGE,    /* a modem that is still a disk */
    FIND_NETWORK,    /* HiLink: no AT port at all */
    FIND_NO_TTY,     /* a known modem for which the kernel has made no port */
    FIND_OTHER_IMEI, /* the modems present have another IMEI */
    FIND_TAKEN,      /* by other modem sections */
    FIND_NO_DEVICE,
};

/*
 * Reads `dispositivo`. False = it begins as one of ours and goes on wrongly. Any other text is
 * FIND_DIRECT, whose form link_spec_is_valid() knows.
 */
bool find_spec_parse(const char *text, struct find_spec *ret);
bool find_spec_matches(const struct find_spec *spec, const struct link_port *port);
/* A link_port_wanted_fn of a struct find_wish: what it names, what it had, or a known vendor's. */
bool find_is_wanted(const struct link_port *port, void *wish);
/*
 * Indexes of the ports to try, best first; returns how many. The order: the device that answered
 * last, known models, known vendors, any USB serial port; within a device the AT interface that the
 * driver names, then its second, or by protocol, or one by one. Ports that the driver knows to be
 * something else (diagnostics, NMEA, PPP) are left alone. A port that is not USB is never tried.
 */
size_t find_candidates(const struct find_wish *wish, const struct find_view *view,
                       size_t ret[LINK_PORTS_MAX]);
/* For when find_candidates() gave none; *ret_device is the one it is about, else NULL. Needs
 * view->devices. */
enum find_reason find_why_none(const struct find_wish *wish, const struct find_view *view,
                               const struct link_usb_device **ret_device);
/* How many free modems the wish fits; ports whose vendor nobody knows do not count, unless named.
 */
size_t find_count_modems(const struct find_wish *wish, const struct find_view *view);

/*
 * Milliseconds from an event of a device to the look at its ports; first_us: when the first of the
 * events came. The ports of a modem come one after the other, and a look before the last would try
 * a mute one, which takes seconds. Units: microseconds of one clock.
 */
int64_t find_wait_ms(int64_t first_us, int64_t now_us);

/* Whether a driver knows this vendor. */
bool find_is_known_vendor(const struct driver_table *drivers, uint16_t vid, uint16_t pid);
void find_port_keep(const struct link_port *port, struct find_port *ret);
/* The same plugged-in device, also under other names. */
bool find_is_plugged(const struct find_port *kept, const struct find_view *view);
/* Remembers that this port has another IMEI: not tried again until it is plugged in anew. */
void find_remember_wrong(struct find_wish *wish, const struct find_port *port);
/* Forgets those that were unplugged. */
void find_forget_unplugged(struct find_wish *wish, const struct find_view *view);

#endif
