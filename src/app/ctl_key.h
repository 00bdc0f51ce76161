/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * contraclavectl clave: the master key on paper, as words, and back, and its change for another.
 * The paper is made and read in contraclavectl's own process: it is for the day on which the box is
 * lost. The change is the service's.
 */
#ifndef CC_APP_CTL_KEY_H
#define CC_APP_CTL_KEY_H

#include "app/config.h"

#include <jansson.h>
#include <stdbool.h>

/* Each prints what it did and what it means, and returns the exit code. values: see enum ctl_field.
 */
int ctl_key_export(const struct config *config, const char *const *values, bool json);
/* Reads the words from the standard input. It makes the file of a key that is missing, and never
 * replaces one; with --ensayo it makes none and tells whether the paper has this box's key. */
int ctl_key_recover(const struct config *config, const char *const *values, bool json);

/* The wait for the end of a change of the master key. */
int ctl_key_follow_change(const char *socket_path, const json_t *answer);

#endif
