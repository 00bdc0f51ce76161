/* SPDX-License-Identifier: EUPL-1.2 */
/* The order `ciudadano expediente`: all that the box holds on a person, in one document. */
#ifndef CC_APP_CTL_DOSSIER_H
#define CC_APP_CTL_DOSSIER_H

#include <jansson.h>

/*
 * Adds to the first answer the pages of every other part, each as a list under its name; body is
 * the first request, and is changed. Returns the exit code; what went wrong is said on stderr.
 */
int ctl_dossier_gather(const char *socket_path, const char *path, json_t *body, json_t *answer);
void ctl_dossier_print(const json_t *answer);

#endif
