/* SPDX-License-Identifier: EUPL-1.2 */
#include "link/device.h"

#include <stdlib.h>
#include <string.h>

sd_device_enumerator *device_enumerate(const char *subsystem)
{
    sd_device_enumerator *all = NULL;
    if (sd_device_enumerator_new(&all) < 0)
        return NULL;
    if (sd_device_enumerator_allow_uninitialized(all) < 0 ||
        sd_device_enumerator_add_match_subsystem(all, subsystem, true) < 0)
        all = sd_device_enumerator_unref(all);
    return all;
}

/* "" if it cannot be read: a device may vanish between two looks. */
static const char *read_text(sd_device *device, const char *name)
{
    const char *text = NULL;
    return sd_device_get_sysattr_value(device, name, &text) >= 0 && text != NULL ? text : "";
}

int device_read_number(sd_device *device, const char *name, int base, int max)
{
    const char *text = read_text(device, name);
    char *end = NULL;
    long value = strtol(text, &end, base);
    return end == text || *end != '\0' || value < 0 || value > max ? -1 : (int)value;
}

uint8_t device_read_byte(sd_device *device, const char *name)
{
    int value = device_read_number(device, name, 16, UINT8_MAX);
    return value >= 0 ? (uint8_t)value : 0;
}

/* Copies a text of the device. The text is foreign: only visible ASCII passes, other bytes become
 * '?'. */
static void copy_text(sd_device *device, const char *name, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s", read_text(device, name));
    out[strcspn(out, "\n")] = '\0';
    for (; *out != '\0'; out++)
        if (*out < ' ' || *out > '~')
            *out = '?';
}

bool device_read_usb(sd_device *device, struct link_usb_device *ret_device)
{
    const char *name = NULL;
    int vid = device_read_number(device, "idVendor", 16, UINT16_MAX);
    int pid = device_read_number(device, "idProduct", 16, UINT16_MAX);
    int bus = device_read_number(device, "busnum", 10, 999);
    int address = device_read_number(device, "devnum", 10, 999);
    *ret_device = (struct link_usb_device){0};
    if (vid < 0 || pid < 0 || sd_device_get_sysname(device, &name) < 0)
        return false;
    ret_device->vid = (uint16_t)vid;
    ret_device->pid = (uint16_t)pid;
    ret_device->bus = bus > 0 ? bus : 0;
    ret_device->address = address > 0 ? address : 0;
    copy_text(device, "serial", ret_device->serial, sizeof(ret_device->serial));
    copy_text(device, "product", ret_device->product, sizeof(ret_device->product));
    return snprintf(ret_device->usb_device, sizeof(ret_device->usb_device), "%s", name) <
           (int)sizeof(ret_device->usb_device);
}
