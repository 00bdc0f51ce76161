/* SPDX-License-Identifier: EUPL-1.2 */
/* Orders that the daemon goes on with after its answer: asked for until there is an end. */
#ifndef CC_APP_CTL_FOLLOW_H
#define CC_APP_CTL_FOLLOW_H

#include <jansson.h>

/* Each says how it ended, or that it takes too long; returns the exit code. */
int ctl_follow_trial(const char *socket_path, const json_t *answer);
int ctl_follow_balance(const char *socket_path, const json_t *answer);
int ctl_follow_centre(const char *socket_path, const json_t *answer);
int ctl_follow_alert_trial(const char *socket_path, const json_t *answer);

#endif
