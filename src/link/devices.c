/* SPDX-License-Identifier: EUPL-1.2 */
/* The USB devices of link/ports.h, with or without ttys. */
#include "link/device.h"
#include "link/ports.h"

#include <dirent.h>
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
static bool has_child(sd_device *interface, const char *prefix)
{
    const char *path = "";
    bool found = false;
    DIR *children = sd_device_get_syspath(interface, &path) >= 0 ? opendir(path) : NULL;
    if (children == NULL)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(children)) != NULL;)
        found = strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(children);
    return found;
}

static void count_interface(sd_device *interface, struct interfaces *interfaces)
{
    uint8_t class = device_read_byte(interface, "bInterfaceClass");
    uint8_t subclass = device_read_byte(interface, "bInterfaceSubClass");
    uint8_t protocol = device_read_byte(interface, "bInterfaceProtocol");
    interfaces->all++;
    interfaces->storage += class == CLASS_STORAGE;
    interfaces->network +=
        is_network_class(class, subclass, protocol) || has_child(interface, "net");
    interfaces->tty += has_child(interface, "tty");
}

/* Index of the device above this interface; count = not in the list. */
static size_t find_parent(sd_device *interface, const struct link_usb_device *devices, size_t count)
{
    sd_device *parent = NULL;
    const char *name = "";
    size_t i = 0;
    if (sd_device_get_parent(interface, &parent) < 0 || sd_device_get_sysname(parent, &name) < 0)
        return count;
    while (i < count && strcmp(devices[i].usb_device, name) != 0)
        i++;
    return i;
}

/* A device comes before its interfaces: the enumerator sorts by path. */
static size_t list_all(sd_device_enumerator *all, struct link_usb_device *devices,
                       struct interfaces *interfaces, size_t cap)
{
    size_t count = 0;
    for (sd_device *each = sd_device_enumerator_get_device_first(all); each != NULL;
         each = sd_device_enumerator_get_device_next(all)) {
        const char *type = "";
        (void)sd_device_get_devtype(each, &type);
        bool is_device = strcmp(type, "usb_device") == 0;
        size_t i = is_device ? count : find_parent(each, devices, count);
        if (!is_device && i < count)
            count_interface(each, &interfaces[i]);
        else if (is_device && count < cap && device_read_byte(each, "bDeviceClass") != CLASS_HUB)
            count += device_read_usb(each, &devices[count]);
    }
    return count;
}

static void judge_interfaces(struct link_usb_device *device, const struct interfaces *interfaces)
{
    device->has_tty = interfaces->tty > 0;
    device->is_storage_only = interfaces->all > 0 && interfaces->storage == interfaces->all;
    device->is_network_only = interfaces->tty == 0 && interfaces->network > 0 &&
                              interfaces->network + interfaces->storage == interfaces->all;
}

static int compare_devices(const void *one, const void *other)
{
    const struct link_usb_device *a = one, *b = other;
    return strverscmp(a->usb_device, b->usb_device);
}

enum cc_err link_usb_list(struct link_usb_device *devices, size_t cap, size_t *ret_count)
{
    struct interfaces interfaces[LINK_USB_MAX] = {0};
    sd_device_enumerator *all = device_enumerate("usb");
    if (all == NULL)
        return CC_ERR_IO;
    size_t count = list_all(all, devices, interfaces, cap < LINK_USB_MAX ? cap : LINK_USB_MAX);
    sd_device_enumerator_unref(all);
    for (size_t i = 0; i < count; i++)
        judge_interfaces(&devices[i], &interfaces[i]);
    qsort(devices, count, sizeof(devices[0]), compare_devices);
    *ret_count = count;
    return CC_OK;
}
