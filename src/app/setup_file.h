/* SPDX-License-Identifier: EUPL-1.2 */
/* The configuration file of contraclavectl instala: read, changed and put in its place whole. */
#ifndef CC_APP_SETUP_FILE_H
#define CC_APP_SETUP_FILE_H

#include "app/config.h"
#include "app/setup_answers.h"

#include <jansson.h>

/* The text of the file; where there is none, that of the example that was installed, or "". NULL,
 * said already, if it cannot be read. Owns: the caller wipes and frees it. */
char *setup_file_read(const char *path);
/*
 * Writes the answers into the text and the text, if it has changed, to the file: durable, for root
 * and the group of the service alone, and only as a configuration that is right; the file of before
 * stays beside it as PATH.anterior. ret_changed: an array, to which the names of the keys are
 * appended. Returns the exit code; what went wrong is said. Owns: config_free(*ret_config).
 */
int setup_file_write(const char *path, const char *text, const struct setup_answers *answers,
                     json_t *ret_changed, struct config **ret_config);

#endif
