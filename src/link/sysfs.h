/* SPDX-License-Identifier: EUPL-1.2 */
/* The attributes that the kernel shows of a device, one small file each. Private to link/. */
#ifndef CC_LINK_SYSFS_H
#define CC_LINK_SYSFS_H

#include "link/ports.h"

#define SYSFS_TTYS "/sys/class/tty"
#define SYSFS_USB "/sys/bus/usb/devices"

enum { SYSFS_PATH_MAX = 384 }; /* a folder's path; its attributes' names have room besides */

/*
 * Empty if it cannot be read: a device may vanish between two looks. What a device says of itself
 * is foreign text: only visible ASCII passes, the rest shows as '?'.
 */
void sysfs_read_text(const char *folder, const char *name, char *out, size_t cap);
/* -1 if there is no such number. */
long sysfs_read_number(const char *folder, const char *name, int base);
/* 0 if there is no such number. */
uint8_t sysfs_read_hex_byte(const char *folder, const char *name);
/* Name, numbers and texts of the USB device in a folder; false if it is none, or is gone. */
bool sysfs_read_device(const char *folder, struct link_usb_device *ret_device);

#endif
