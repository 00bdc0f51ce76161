/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads one device of the kernel and udev by sd-device(3). Private to link/. */
#ifndef CC_LINK_DEVICE_H
#define CC_LINK_DEVICE_H

#include "link/ports.h"

#include <limits.h>
#include <stdio.h>
#include <systemd/sd-device.h>

/* All devices of a subsystem, also where no udev runs. NULL = no memory. Owns:
 * sd_device_enumerator_unref(). */
sd_device_enumerator *device_enumerate(const char *subsystem);
/* An attribute; -1 if it is no number from 0 to max. */
int device_read_number(sd_device *device, const char *name, int base, int max);
/* A hexadecimal attribute; 0 if there is no such number. */
uint8_t device_read_byte(sd_device *device, const char *name);
/* Name, numbers and texts of a USB device; false if the device is none, or is gone. */
bool device_read_usb(sd_device *device, struct link_usb_device *ret_device);

#endif
