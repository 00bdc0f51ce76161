/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * By sysfs alone: libserialport's own list opens every ttySn that the kernel reserves, and an open
 * raises DTR at whatever is wired there; asked once a second that is no longer looking.
 */
#include "link/ports.h"

#include "base/fsx.h"
#include "link/sysfs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A tty that has hardware: no virtual console, no port that the kernel only keeps a place for. */
static bool is_real(const char *name)
{
    char path[SYSFS_PATH_MAX], target[SYSFS_PATH_MAX];
    (void)snprintf(path, sizeof(path), SYSFS_TTYS "/%s", name);
    ssize_t len = readlink(path, target, sizeof(target) - 1);
    if (len <= 0)
        return false;
    target[len] = '\0';
    if (strstr(target, "/virtual/") != NULL)
        return false;
    return strstr(target, "/serial8250/") == NULL || sysfs_read_number(path, "type", 10) > 0;
}

/* The USB interface a tty belongs to is some level above it: with usb-serial two, with cdc-acm one.
 */
static bool climb_to_interface(char *folder)
{
    char path[SYSFS_PATH_MAX + 64];
    for (char *slash = NULL; (slash = strrchr(folder, '/')) != NULL; *slash = '\0') {
        (void)snprintf(path, sizeof(path), "%s/bInterfaceNumber", folder);
        if (fsx_exists(path))
            return true;
    }
    return false;
}

static void read_usb_part(char *folder, struct link_port *port)
{
    struct link_usb_device device;
    if (strlen(folder) >= SYSFS_PATH_MAX || !climb_to_interface(folder))
        return;
    long interface = sysfs_read_number(folder, "bInterfaceNumber", 16);
    port->interface = interface >= 0 && interface <= UINT8_MAX ? (int)interface : -1;
    port->if_class = sysfs_read_hex_byte(folder, "bInterfaceClass");
    port->if_subclass = sysfs_read_hex_byte(folder, "bInterfaceSubClass");
    port->if_protocol = sysfs_read_hex_byte(folder, "bInterfaceProtocol");
    *strrchr(folder, '/') = '\0';
    port->is_usb = sysfs_read_device(folder, &device);
    port->vid = device.vid;
    port->pid = device.pid;
    port->bus = device.bus;
    port->address = device.address;
    memcpy(port->serial, device.serial, sizeof(port->serial));
    memcpy(port->product, device.product, sizeof(port->product));
    memcpy(port->usb_device, device.usb_device, sizeof(port->usb_device));
}

static bool read_port(const char *name, struct link_port *port)
{
    char path[SYSFS_PATH_MAX];
    *port = (struct link_port){.interface = -1};
    if (snprintf(port->name, sizeof(port->name), "%s", name) >= (int)sizeof(port->name) ||
        !is_real(name))
        return false;
    (void)snprintf(port->path, sizeof(port->path), "/dev/%s", port->name);
    (void)snprintf(path, sizeof(path), SYSFS_TTYS "/%s/device", name);
    char *folder = realpath(path, NULL);
    if (folder != NULL)
        read_usb_part(folder, port);
    free(folder);
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

enum cc_err link_ports_list(struct link_port *ports, size_t cap, link_port_wanted_fn is_wanted,
                            void *user, size_t *ret_count)
{
    size_t count = 0;
    struct link_port port;
    DIR *folder = opendir(SYSFS_TTYS);
    if (folder == NULL)
        return CC_ERR_IO;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.' || !read_port(entry->d_name, &port))
            continue;
        size_t i = place_for(&port, ports, count, cap, is_wanted, user);
        if (i == cap)
            continue;
        ports[i] = port;
        count += i == count;
    }
    closedir(folder);
    qsort(ports, count, sizeof(ports[0]), compare_ports);
    *ret_count = count;
    return CC_OK;
}
