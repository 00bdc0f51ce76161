/* SPDX-License-Identifier: EUPL-1.2 */
/* Checks the USB modems that the daemon uses, and prints the udev rule for them. */
#ifndef CC_APP_DOCTOR_USB_H
#define CC_APP_DOCTOR_USB_H

#include "app/config.h"
#include "link/ports.h"

#include <jansson.h>
#include <stdbool.h>

/* Whether the daemon, by its status (NULL = it does not answer), has a port open for that modem. */
bool doctor_sees_port(const json_t *status, const char *modem_name);
/* The port of a modem of the status: the one that the daemon has found, else that of the
 * configuration. */
const char *doctor_port_of(const json_t *modem);
/* The USB port of that path, a symbolic link too; false = there is none. */
bool doctor_find_port(const char *path, struct link_port *ret);
/* Whether the service, which is in its own group, may write that node; a node that cannot be looked
 * at is taken for permitted. */
bool doctor_may_write(const char *path);
/* Appends a finding for each USB modem in use whose port the service may not reset. */
void doctor_look_usb(const json_t *status, json_t *findings);
/* contraclavectl modem regla: prints the rule for each USB modem in use; returns the exit code. */
int doctor_print_rules(const struct config *config, const char *const *values, bool json);

#endif
