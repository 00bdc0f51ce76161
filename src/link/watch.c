/* SPDX-License-Identifier: EUPL-1.2 */
#include "link/watch.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-device.h>

struct link_watch {
    sd_device_monitor *monitor;
    loop_fn fn;
    void *user;
};

static int on_event(sd_device_monitor *monitor, sd_device *device, void *user)
{
    struct link_watch *watch = user;
    (void)monitor;
    (void)device;
    watch->fn(watch->user);
    return 0;
}

static int start_monitor(struct link_watch *watch, struct loop *loop)
{
    int result = sd_device_monitor_new(&watch->monitor);
    if (result >= 0)
        result = sd_device_monitor_filter_add_match_subsystem_devtype(watch->monitor, "tty", NULL);
    if (result >= 0)
        result = sd_device_monitor_filter_add_match_subsystem_devtype(watch->monitor, "usb",
                                                                      "usb_device");
    if (result >= 0)
        result = sd_device_monitor_attach_event(watch->monitor, loop_event(loop));
    if (result >= 0)
        result = sd_device_monitor_start(watch->monitor, on_event, watch);
    return result;
}

struct link_watch *link_watch_new(struct loop *loop, loop_fn fn, void *user)
{
    struct link_watch *watch = alloc_or_abort(sizeof(*watch));
    watch->fn = fn;
    watch->user = user;
    int result = start_monitor(watch, loop);
    if (result >= 0)
        return watch;
    log_warning("avisos de dispositivos (udev): %s; los módems se buscan cada 2 segundos",
                err_system_text(-result));
    link_watch_free(watch);
    return NULL;
}

void link_watch_free(struct link_watch *watch)
{
    if (watch == NULL)
        return;
    sd_device_monitor_unref(watch->monitor);
    free(watch);
}
