/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * By sd-device: libserialport's own list opens every ttySn that the kernel reserves, and opening a
 * port raises DTR at what is wired there.
 */
#include "link/ports.h"

#include "link/device.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* False for a virtual console, and for a port that the kernel only keeps a place for. */
static bool is_real(sd_device *tty)
{
    const char *path = "";
    if (sd_device_get_syspath(tty, &path) < 0 || strstr(path, "/virtual/") != NULL)
        return false;
    return strstr(path, "/serial8250/") == NULL || device_read_number(tty, "type", 10, INT_MAX) > 0;
}

/* The interface and the device above the tty. */
static void read_usb_part(sd_device *tty, struct link_port *port)
{
    sd_device *interface, *parent;
    struct link_usb_device device;
    if (sd_device_get_parent_with_subsystem_devtype(tty, "usb", "usb_interface", &interface) < 0 ||
        sd_device_get_parent_with_subsystem_devtype(tty, "usb", "usb_device", &parent) < 0)
        return;
    port->interface = device_read_number(interface, "bInterfaceNumber", 16, UINT8_MAX);
    port->if_class = device_read_byte(interface, "bInterfaceClass");
    port->if_subclass = device_read_byte(interface, "bInterfaceSubClass");
    port->if_protocol = device_read_byte(interface, "bInterfaceProtocol");
    port->is_usb = device_read_usb(parent, &device);
    port->vid = device.vid;
    port->pid = device.pid;
    port->bus = device.bus;
    port->address = device.address;
    memcpy(port->serial, device.serial, sizeof(port->serial));
    memcpy(port->product, device.product, sizeof(port->product));
    memcpy(port->usb_device, device.usb_device, sizeof(port->usb_device));
}

static bool read_port(sd_device *tty, struct link_port *port)
{
    const char *name;
    *port = (struct link_port){.interface = -1};
    if (!is_real(tty) || sd_device_get_sysname(tty, &name) < 0 ||
        snprintf(port->name, sizeof(port->name), "%s", name) >= (int)sizeof(port->name))
        return false;
    (void)snprintf(port->path, sizeof(port->path), "/dev/%s", port->name);
    read_usb_part(tty, port);
    return true;
}

/* Numbers by their value: 1-1.10 after 1-1.9. */
static int compare_ports(const void *one, const void *other)
{
    const struct link_port *a = one, *b = other;
    if (a->is_usb != b->is_usb)
        return a->is_usb ? -1 : 1;
    int by_device = strverscmp(a->usb_device, b->usb_device);
    if (by_device != 0)
        return by_device;
    if (a->interface != b->interface)
        return a->interface < b->interface ? -1 : 1;
    return strverscmp(a->name, b->name);
}

/* The place of a port among the kept ones; cap = there is none for it. */
static size_t place_for(const struct link_port *port, const struct link_port *ports, size_t count,
                        size_t cap, link_port_wanted_fn is_wanted, void *user)
{
    if (count < cap)
        return count;
    if (is_wanted == NULL || !is_wanted(port, user))
        return cap;
    size_t i = 0;
    while (i < cap && is_wanted(&ports[i], user))
        i++;
    return i;
}

static bool has_flag(sd_device *device, const char *property)
{
    const char *value = NULL;
    return sd_device_get_property_value(device, property, &value) >= 0 && strcmp(value, "1") == 0;
}

bool link_port_is_reserved(const char *name)
{
    static const char property[] = "ID_MM_DEVICE_IGNORE";
    sd_device *tty = NULL, *parent = NULL;
    if (sd_device_new_from_subsystem_sysname(&tty, "tty", name) < 0)
        return false;
    bool is_reserved = has_flag(tty, property);
    if (!is_reserved &&
        sd_device_get_parent_with_subsystem_devtype(tty, "usb", "usb_device", &parent) >= 0)
        is_reserved = has_flag(parent, property);
    sd_device_unref(tty);
    return is_reserved;
}

enum cc_err link_ports_list(struct link_port *ports, size_t cap, link_port_wanted_fn is_wanted,
                            void *user, size_t *ret_count)
{
    size_t count = 0;
    struct link_port port;
    sd_device_enumerator *all = device_enumerate("tty");
    if (all == NULL || access("/sys/class/tty", X_OK) != 0) {
        sd_device_enumerator_unref(all);
        return CC_ERR_IO;
    }
    /* virtual consoles, 64 of them */
    (void)sd_device_enumerator_add_nomatch_sysname(all, "tty[0-9]*");
    for (sd_device *tty = sd_device_enumerator_get_device_first(all); tty != NULL;
         tty = sd_device_enumerator_get_device_next(all)) {
        if (!read_port(tty, &port))
            continue;
        size_t i = place_for(&port, ports, count, cap, is_wanted, user);
        if (i == cap)
            continue;
        ports[i] = port;
        count += i == count;
    }
    sd_device_enumerator_unref(all);
    qsort(ports, count, sizeof(ports[0]), compare_ports);
    *ret_count = count;
    return CC_OK;
}
