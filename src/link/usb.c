/* SPDX-License-Identifier: EUPL-1.2 */
#include "link/usb.h"

#include "link/device.h"
#include "link/schemes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* "1-1.2": bus, dash, the ports on the way with dots between, and no path to anywhere else. */
static bool is_device_name(const char *name)
{
    static const char digits[] = "0123456789";
    size_t n = strspn(name, digits);
    if (n == 0 || n > 3 || name[n] != '-')
        return false;
    do {
        name += n + 1;
        n = strspn(name, digits);
    } while (n > 0 && n <= 3 && name[n] == '.');
    return n > 0 && n <= 3 && name[n] == '\0';
}

/* name: without a path in it. False: there is no such device now. */
static bool read_named(const char *name, struct link_usb_device *ret_device)
{
    sd_device *device = NULL;
    if (sd_device_new_from_subsystem_sysname(&device, "usb", name) < 0)
        return false;
    bool is_there = device_read_usb(device, ret_device);
    sd_device_unref(device);
    return is_there;
}

/* False: there is no such device now. */
static bool find_device(const char *usb_device, struct link_usb_device *ret_device)
{
    return is_device_name(usb_device) && read_named(usb_device, ret_device);
}

enum link_usb_there link_usb_who(const char *usb_device, uint16_t vid, uint16_t pid,
                                 const char *serial)
{
    struct link_usb_device now;
    if (!find_device(usb_device, &now))
        return LINK_USB_NOTHING;
    bool is_same =
        now.vid == vid && now.pid == pid && (serial[0] == '\0' || strcmp(now.serial, serial) == 0);
    return is_same ? LINK_USB_SAME : LINK_USB_OTHER;
}

enum cc_err link_usb_reset(const char *usb_device)
{
    char path[32];
    struct link_usb_device device;
    if (!is_device_name(usb_device) || strlen(usb_device) >= sizeof(device.usb_device))
        return CC_ERR_DEVICE_SPEC;
    if (!find_device(usb_device, &device) || device.bus == 0 || device.address == 0)
        return CC_ERR_DEVICE_MISSING;
    (void)snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", device.bus, device.address);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return scheme_error(errno);
    enum cc_err err = ioctl(fd, USBDEVFS_RESET, NULL) == 0 ? CC_OK : scheme_error(errno);
    close(fd);
    return err;
}

bool link_usb_hub_port(const char *usb_device, char *ret_hub, size_t cap, int *ret_port)
{
    if (!is_device_name(usb_device))
        return false;
    const char *dot = strrchr(usb_device, '.');
    const char *cut = dot != NULL ? dot : strchr(usb_device, '-');
    size_t len = (size_t)(cut - usb_device);
    if (len >= cap)
        return false;
    memcpy(ret_hub, usb_device, len);
    ret_hub[len] = '\0';
    *ret_port = (int)strtol(cut + 1, NULL, 10);
    return true;
}

/* The kernel calls the root hub of bus 1 "usb1". */
bool link_usb_hub_node(const char *hub, char *ret_path, size_t cap)
{
    char root[16], path[32];
    struct link_usb_device device;
    bool is_root = hub[0] != '\0' && hub[strspn(hub, "0123456789")] == '\0';
    if (is_root && snprintf(root, sizeof(root), "usb%s", hub) >= (int)sizeof(root))
        return false;
    if (!(is_root ? read_named(root, &device) : find_device(hub, &device)))
        return false;
    int len = snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", device.bus, device.address);
    if ((size_t)len >= cap)
        return false;
    memcpy(ret_path, path, (size_t)len + 1);
    return true;
}
