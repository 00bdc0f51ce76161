/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * contraclavectl diagnostico: looks at everything that a message needs on its way, and says of each
 * in one sentence how it is and what to do. What the daemon tells comes from its status; the rest
 * is looked at here, so that it also helps when the daemon does not run.
 */
#ifndef CC_APP_DOCTOR_H
#define CC_APP_DOCTOR_H

#include "app/config.h"

#include <jansson.h>

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

/* The whole: asks the daemon, prints (JSON or text), returns the exit code: 0 = nothing is BAD. */
int doctor_run(const struct config *config, const char *const *values, bool json);

#endif
