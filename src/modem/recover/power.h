/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Takes a modem's power away and gives it back: the supply of its USB port by uhubctl, or its power
 * key by a GPIO line. Never waits in the loop: a child and timers. When to do it is the ladder's
 * business.
 */
#ifndef CC_MODEM_RECOVER_POWER_H
#define CC_MODEM_RECOVER_POWER_H

#include "base/err.h"
#include "base/loop.h"

#include <stdbool.h>

/* Debian's. The port must be on a hub that switches each port by itself. */
#define POWER_UHUBCTL "/usr/sbin/uhubctl"

enum { POWER_CHIP_SIZE = 32 };

struct power;

/* A GPIO line as an output, low at first; for tests without a board. Source: linux/gpio.h, ABI v2.
 */
struct power_gpio {
    void *(*open)(const char *chip, unsigned line); /* NULL = it cannot be had */
    bool (*set)(void *handle, int value);
    void (*close)(void *handle);
};

extern const struct power_gpio power_kernel_gpio;

/* From the loop, once; the power may be freed in it. False: it could not be done. */
typedef void (*power_end_fn)(bool worked, void *user);

/* Reads "gpiochip0:17". False if it is nothing like that. */
bool power_key_parse(const char *text, char ret_chip[POWER_CHIP_SIZE], unsigned *ret_line);
/*
 * Presses the power key (line high = pressed): 1.5 s, which switches most modems off or on
 * (SIM800, EC25); 20 s later 3 s, which switches those on again, or off those that want longer
 * (SIM7600); and 20 s later 1.5 s, which switches the latter on. To stop as soon as the modem
 * answers: power_free(), which releases the key. Errors: CC_ERR_DEVICE_SPEC, CC_ERR_DEVICE_MISSING
 * (no such line, taken, or not permitted).
 */
enum cc_err power_press_key(struct loop *loop, const char *key, const struct power_gpio *gpio,
                            power_end_fn on_end, void *user, struct power **ret) CC_MUST_CHECK;
/*
 * Has `uhubctl` (a whole path) cut the supply of the USB port that feeds the device ("1-1.2") for
 * 5 s. Errors: CC_ERR_DEVICE_MISSING (no such program), CC_ERR_DEVICE_SPEC, CC_ERR_MEMORY,
 * CC_ERR_IO. Source: uhubctl(8).
 */
enum cc_err power_cut_usb(struct loop *loop, const char *usb_device, const char *uhubctl,
                          power_end_fn on_end, void *user, struct power **ret) CC_MUST_CHECK;
/* Stops what is under way. Takes NULL. */
void power_free(struct power *power);

#endif
