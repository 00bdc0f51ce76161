/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Waking a USB modem that no longer answers: the reset of its port, and where its power is
 * switched. When to do it is the recovery ladder's business. `usb_device` is the kernel's name,
 * "1-1.2", as struct link_port has it.
 */
#ifndef CC_LINK_USB_H
#define CC_LINK_USB_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum link_usb_there {
    LINK_USB_NOTHING, /* the socket is empty, or there is no such socket */
    LINK_USB_SAME,
    LINK_USB_OTHER
};

/*
 * Compares the device in that socket now with the one that was there: sockets change hands while a
 * modem is away. serial "" = the device had none; the serial number is not compared.
 */
enum link_usb_there link_usb_who(const char *usb_device, uint16_t vid, uint16_t pid,
                                 const char *serial);

/*
 * Resets the port the device hangs on (USBDEVFS_RESET): it is enumerated again, its ttys vanish and
 * return, perhaps under other names; close the link before. Needs to write /dev/bus/usb/BBB/DDD.
 * It blocks while the hub works: about 0.3 s, and up to some 15 s with a device that is dead, so
 * run it where that does not stop the loop. Often it does nothing for a hung stick (MODEMS 1, end).
 * Errors: CC_ERR_DEVICE_MISSING (not there, or gone with the reset), _PERMISSION, _SPEC (no such
 * name can exist), CC_ERR_IO. Source: linux/usbdevice_fs.h.
 */
enum cc_err link_usb_reset(const char *usb_device) CC_MUST_CHECK;

/*
 * The hub and its port that feed the device, as uhubctl wants them (-l HUB -p PORT): "1-1.2" hangs
 * on port 2 of hub "1-1"; "1-2" on port 2 of the root hub, "1". Pure. False, with nothing written,
 * if that is no name of a device or the hub's does not fit cap.
 */
bool link_usb_hub_port(const char *usb_device, char *ret_hub, size_t cap, int *ret_port);

/*
 * The node of that hub, which uhubctl must be able to write. False, with nothing written, if there
 * is no such hub now or the path does not fit cap.
 */
bool link_usb_hub_node(const char *hub, char *ret_path, size_t cap);

#endif
