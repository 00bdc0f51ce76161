/* SPDX-License-Identifier: EUPL-1.2 */
/* The USB devices of link/ports.h, with or without ttys. */
#include "base/fsx.h"
#include "link/ports.h"
#include "link/sysfs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The interfaces of one device, by what they are good for. */
struct interfaces {
    int all, storage, network, tty;
};

enum { CLASS_STORAGE = 0x08, CLASS_HUB = 0x09 };

/* usb.org, Defined Class Codes; -1 = any. */
static bool is_network_class(uint8_t class, uint8_t subclass, uint8_t protocol)
{
    static const struct {
        uint8_t class;
        int subclass, protocol;
    } rows[] = {
        {0x02, 0x06, -1},   /* CDC Ethernet */
        {0x02, 0x0c, -1},   /* CDC EEM */
        {0x02, 0x0d, -1},   /* CDC NCM */
        {0x02, 0x0e, -1},   /* MBIM */
        {0x0a, -1, -1},     /* the data interface of any of them */
        {0xe0, 0x01, 0x03}, /* RNDIS */
        {0xef, 0x04, 0x01}, /* RNDIS over Ethernet */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].class == class && (rows[i].subclass < 0 || rows[i].subclass == subclass) &&
            (rows[i].protocol < 0 || rows[i].protocol == protocol))
            return true;
    return false;
}

/* Whether the kernel has made something of this kind from the interface: "net", "tty", "ttyUSB2".
 */
static bool has_child(const char *folder, const char *prefix)
{
    bool found = false;
    DIR *children = opendir(folder);
    if (children == NULL)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(children)) != NULL;)
        found = strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(children);
    return found;
}

static void count_interface(const char *folder, struct interfaces *interfaces)
{
    uint8_t class = sysfs_read_hex_byte(folder, "bInterfaceClass");
    uint8_t subclass = sysfs_read_hex_byte(folder, "bInterfaceSubClass");
    uint8_t protocol = sysfs_read_hex_byte(folder, "bInterfaceProtocol");
    interfaces->all++;
    interfaces->storage += class == CLASS_STORAGE;
    interfaces->network += is_network_class(class, subclass, protocol) || has_child(folder, "net");
    interfaces->tty += has_child(folder, "tty");
}

static bool count_interfaces(const char *name, struct interfaces *interfaces)
{
    char path[SYSFS_PATH_MAX];
    size_t len = strlen(name);
    (void)snprintf(path, sizeof(path), SYSFS_USB "/%s", name);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (strncmp(entry->d_name, name, len) != 0 || entry->d_name[len] != ':' ||
            snprintf(path, sizeof(path), SYSFS_USB "/%s", entry->d_name) >= SYSFS_PATH_MAX)
            continue;
        count_interface(path, interfaces);
    }
    closedir(folder);
    return true;
}

static bool read_usb_device(const char *name, struct link_usb_device *device)
{
    char folder[SYSFS_PATH_MAX];
    struct interfaces interfaces = {0};
    (void)snprintf(folder, sizeof(folder), SYSFS_USB "/%s", name);
    if (sysfs_read_hex_byte(folder, "bDeviceClass") == CLASS_HUB ||
        !sysfs_read_device(folder, device) || !count_interfaces(name, &interfaces))
        return false;
    device->has_tty = interfaces.tty > 0;
    device->is_storage_only = interfaces.all > 0 && interfaces.storage == interfaces.all;
    device->is_network_only = interfaces.tty == 0 && interfaces.network > 0 &&
                              interfaces.network + interfaces.storage == interfaces.all;
    return true;
}

static int compare_devices(const void *one, const void *other)
{
    const struct link_usb_device *a = one, *b = other;
    return strverscmp(a->usb_device, b->usb_device);
}

enum cc_err link_usb_list(struct link_usb_device *devices, size_t cap, size_t *ret_count)
{
    size_t count = 0;
    DIR *folder = opendir(SYSFS_USB);
    if (folder == NULL && !fsx_exists(SYSFS_USB)) {
        *ret_count = 0;
        return CC_OK;
    }
    if (folder == NULL)
        return CC_ERR_IO;
    for (struct dirent *entry; count < cap && (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.' && strchr(entry->d_name, ':') == NULL &&
            read_usb_device(entry->d_name, &devices[count]))
            count++;
    closedir(folder);
    qsort(devices, count, sizeof(devices[0]), compare_devices);
    *ret_count = count;
    return CC_OK;
}
