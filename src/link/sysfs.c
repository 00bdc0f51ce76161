/* SPDX-License-Identifier: EUPL-1.2 */
#include "link/sysfs.h"

#include "base/fsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTRIBUTE_MAX = 256 };

void sysfs_read_text(const char *folder, const char *name, char *out, size_t cap)
{
    char path[SYSFS_PATH_MAX + 64], text[ATTRIBUTE_MAX];
    size_t len = 0, n = 0;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (fsx_read(path, text, sizeof(text), &len) != CC_OK)
        len = 0;
    for (; n < len && n + 1 < cap && text[n] != '\n' && text[n] != '\0'; n++)
        out[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
    out[n] = '\0';
}

long sysfs_read_number(const char *folder, const char *name, int base)
{
    char text[16], *end = NULL;
    sysfs_read_text(folder, name, text, sizeof(text));
    long value = strtol(text, &end, base);
    return end == text || *end != '\0' || value < 0 ? -1 : value;
}

uint8_t sysfs_read_hex_byte(const char *folder, const char *name)
{
    long value = sysfs_read_number(folder, name, 16);
    return value >= 0 && value <= UINT8_MAX ? (uint8_t)value : 0;
}

bool sysfs_read_device(const char *folder, struct link_usb_device *device)
{
    const char *slash = strrchr(folder, '/');
    long vid = sysfs_read_number(folder, "idVendor", 16),
         pid = sysfs_read_number(folder, "idProduct", 16);
    long bus = sysfs_read_number(folder, "busnum", 10),
         address = sysfs_read_number(folder, "devnum", 10);
    memset(device, 0, sizeof(*device));
    if (vid < 0 || vid > UINT16_MAX || pid < 0 || pid > UINT16_MAX || slash == NULL)
        return false;
    device->vid = (uint16_t)vid;
    device->pid = (uint16_t)pid;
    device->bus = bus > 0 && bus < 1000 ? (int)bus : 0;
    device->address = address > 0 && address < 1000 ? (int)address : 0;
    sysfs_read_text(folder, "serial", device->serial, sizeof(device->serial));
    sysfs_read_text(folder, "product", device->product, sizeof(device->product));
    return snprintf(device->usb_device, sizeof(device->usb_device), "%s", slash + 1) <
           (int)sizeof(device->usb_device);
}
