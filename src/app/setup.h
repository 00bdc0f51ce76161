/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * contraclavectl instala: from an empty configuration to a box that has sent its first SMS. It
 * asks, writes the configuration, starts the service, waits for the modem, sends a test SMS, makes
 * the token of the sede and the link for the first administrator. Each step that is done already is
 * left as it is, so that it may be run again.
 */
#ifndef CC_APP_SETUP_H
#define CC_APP_SETUP_H

#include <jansson.h>
#include <stdbool.h>

/* given: the options, by the names of request members. Says what it does; returns the exit code. */
int setup_run(const char *config_path, const json_t *given, bool json);

#endif
