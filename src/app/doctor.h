/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * contraclavectl diagnostico: looks at everything that a message needs on its way, and says of each
 * in one sentence how it is and what to do. What the daemon tells comes from its status; the rest
 * is looked at here, so that it also helps when the daemon does not run.
 */
#ifndef CC_APP_DOCTOR_H
#define CC_APP_DOCTOR_H

#include "app/config.h"
#include "link/ports.h"

#include <jansson.h>
#include <stdbool.h>

enum doctor_verdict { DOCTOR_GOOD, DOCTOR_WARNING, DOCTOR_BAD };

/* Appends {"que", "resultado", "frase"} to the array. */
void doctor_say(json_t *findings, enum doctor_verdict verdict, const char *subject,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Prints the findings (JSON or text), releases them and returns the exit code: 0 = none is BAD. */
int doctor_tell(json_t *findings, bool json);

/* doctor_box.c: disk, key, and for each modem of the configuration device, permission, rivals.
 * status: the daemon's, which may have found a modem that is not known here; NULL = none. */
void doctor_look_box(const struct config *config, const json_t *status, json_t *findings);
/* doctor_box.c: reads the database itself, whole, and speaks only if a page of it is malformed: the
 * daemon may not have met that page yet, or not have been able to start. */
void doctor_look_file(const struct config *config, json_t *findings);
/* doctor_status.c: clock, queue, and each modem's SIM, network, signal…, from GET /v1/estado.
 * Pure. */
void doctor_look_status(const json_t *status, json_t *findings);

/*
 * doctor_power.c: what stands between the service and a port that it uses: ModemManager, and for
 * corte_usb the program, the right and the hub that cut its supply.
 */
/* Appends a finding where ModemManager runs and udev leaves it a USB port of ours. status: the
 * daemon's; NULL = it does not answer. */
void doctor_look_rivals(const struct config *config, const json_t *status, json_t *findings);
/*
 * Appends, for each modem with corte_usb, what is missing for it. uhubctl: its whole path. Time:
 * that of uhubctl, at most 10 s a modem.
 */
void doctor_look_supply(const struct config *config, const json_t *status, const char *uhubctl,
                        json_t *findings);

/* doctor_usb.c: the USB modems that the daemon uses. */
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

#endif
