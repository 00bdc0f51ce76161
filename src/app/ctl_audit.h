/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * contraclavectl auditoria comprobar: the whole database against its key, read here from one
 * snapshot, so that the daemon is not held up, and so that it works while the daemon is stopped.
 */
#ifndef CC_APP_CTL_AUDIT_H
#define CC_APP_CTL_AUDIT_H

#include "app/config.h"

/* An order of contraclavectl (ctl_command.h); the exit code is 1 if something was changed. */
int ctl_audit_check(const struct config *config, const char *const *values, bool json);

#endif
