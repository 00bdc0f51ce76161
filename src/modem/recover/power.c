/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/recover/power.h"

#include "base/child.h"
#include "base/span.h"
#include "link/usb.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/gpio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    UHUBCTL_MS = 30000, /* 5 s without supply, and what a slow hub takes */
    HUB_SIZE = 64,
    PORT_SIZE = 12,
};

#define OFF_SECONDS "5"

static const struct press {
    int value;
    int64_t ms; /* for so long */
} presses[] = {
    {1, 1500}, {0, 20000}, {1, 3000}, {0, 20000}, {1, 1500},
};

struct power {
    struct loop *loop;
    power_end_fn on_end;
    void *user;
    struct child *child;
    const struct power_gpio *gpio;
    void *line;
    size_t press; /* the one under way */
    struct loop_source *timer;
};

/* ---- the line, by the kernel's own interface ---------------------------------------------- */

/* A handle is not NULL, and 0 is a descriptor too. */
static int descriptor_of(void *handle)
{
    return (int)(intptr_t)handle - 1;
}

static void close_line(void *handle)
{
    close(descriptor_of(handle));
}

static void *take_line(const char *chip, unsigned number)
{
    char path[POWER_CHIP_SIZE + sizeof("/dev/")];
    struct gpio_v2_line_request request = {.offsets = {number},
                                           .consumer = "contraclaved",
                                           .config.flags = GPIO_V2_LINE_FLAG_OUTPUT,
                                           .num_lines = 1};
    (void)snprintf(path, sizeof(path), "/dev/%s", chip);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    bool is_taken = ioctl(fd, GPIO_V2_GET_LINE_IOCTL, &request) == 0;
    close(fd);
    return is_taken ? (void *)(intptr_t)(request.fd + 1) : NULL;
}

static bool set_line(void *handle, int value)
{
    struct gpio_v2_line_values values = {.bits = value != 0, .mask = 1};
    return ioctl(descriptor_of(handle), GPIO_V2_LINE_SET_VALUES_IOCTL, &values) == 0;
}

const struct power_gpio power_kernel_gpio = {
    .open = take_line,
    .set = set_line,
    .close = close_line,
};

/* ---- the power key --------------------------------------------------------------------------- */

bool power_key_parse(const char *text, char ret_chip[POWER_CHIP_SIZE], unsigned *ret_line)
{
    const char *colon = strchr(text, ':');
    char *end = NULL;
    if (colon == NULL || colon == text || colon - text >= POWER_CHIP_SIZE || colon[1] < '0' ||
        colon[1] > '9')
        return false;
    unsigned long line = strtoul(colon + 1, &end, 10);
    if (*end != '\0' || line > USHRT_MAX)
        return false;
    memcpy(ret_chip, text, (size_t)(colon - text));
    ret_chip[colon - text] = '\0';
    *ret_line = (unsigned)line;
    return true;
}

static void press_key(void *user)
{
    struct power *power = user;
    bool is_over = power->press == sizeof(presses) / sizeof(presses[0]);
    bool worked = power->gpio->set(power->line, is_over ? 0 : presses[power->press].value);
    if (is_over || !worked) {
        power->on_end(worked, power->user);
        return;
    }
    loop_timer_in(power->timer, presses[power->press++].ms * US_PER_MS);
}

enum cc_err power_press_key(struct loop *loop, const char *key, const struct power_gpio *gpio,
                            power_end_fn on_end, void *user, struct power **ret)
{
    char chip[POWER_CHIP_SIZE];
    unsigned number = 0;
    if (!power_key_parse(key, chip, &number))
        return CC_ERR_DEVICE_SPEC;
    struct power *power = calloc(1, sizeof(*power));
    if (power == NULL)
        return CC_ERR_MEMORY;
    power->line = gpio->open(chip, number);
    if (power->line == NULL) {
        free(power);
        return CC_ERR_DEVICE_MISSING;
    }
    power->loop = loop;
    power->gpio = gpio;
    power->on_end = on_end;
    power->user = user;
    power->timer = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, press_key, power);
    loop_timer_set(power->timer, 0);
    *ret = power;
    return CC_OK;
}

/* ---- the USB port's supply ------------------------------------------------------------------- */

static void on_child(bool worked, void *user)
{
    struct power *power = user;
    power->on_end(worked, power->user);
}

enum cc_err power_cut_usb(struct loop *loop, const char *usb_device, const char *uhubctl,
                          power_end_fn on_end, void *user, struct power **ret)
{
    char path[PATH_MAX], hub[HUB_SIZE], port[PORT_SIZE];
    char list[] = "-l", number[] = "-p", action[] = "-a", cycle[] = "cycle", delay[] = "-d",
         seconds[] = OFF_SECONDS;
    char *argv[] = {path, list, hub, number, port, action, cycle, delay, seconds, NULL};
    int port_number = 0;
    if (!link_usb_hub_port(usb_device, hub, sizeof(hub), &port_number))
        return CC_ERR_DEVICE_SPEC;
    if (access(uhubctl, X_OK) != 0 || strlen(uhubctl) >= sizeof(path))
        return CC_ERR_DEVICE_MISSING;
    (void)snprintf(path, sizeof(path), "%s", uhubctl);
    (void)snprintf(port, sizeof(port), "%d", port_number);
    struct power *power = calloc(1, sizeof(*power));
    if (power == NULL)
        return CC_ERR_MEMORY;
    power->on_end = on_end;
    power->user = user;
    enum cc_err err =
        child_start(loop, child_exec, argv, UHUBCTL_MS, on_child, power, &power->child);
    if (err != CC_OK) {
        free(power);
        return err;
    }
    *ret = power;
    return CC_OK;
}

void power_free(struct power *power)
{
    if (power == NULL)
        return;
    child_free(power->child);
    loop_source_free(power->timer);
    if (power->line != NULL) {
        (void)power->gpio->set(power->line, 0);
        power->gpio->close(power->line);
    }
    free(power);
}
