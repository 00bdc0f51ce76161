/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * contraclavectl auditoria comprobar: the whole database against its key, read here from one
 * snapshot, so that the daemon is not held up, and so that it works while the daemon is stopped.
 */
#ifndef CC_APP_CTL_AUDIT_H
#define CC_APP_CTL_AUDIT_H

#include "app/config.h"

#include <jansson.h>

/* An order of contraclavectl (ctl_command.h); the exit code is 1 if something was changed. */
int ctl_audit_check(const struct config *config, const char *const *values, bool json);
/* {"correcta", "primera_rota", "filas": [{"tabla", "id"}], "faltan": [tablas], "ancla"}; NULL if
 * the database could not be read: *ret_err. */
json_t *ctl_audit_look(const struct config *config, enum cc_err *ret_err);

#endif
