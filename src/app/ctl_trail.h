/* SPDX-License-Identifier: EUPL-1.2 */
/* contraclavectl auditoria busca and exporta: the audit trail, asked of the daemon page by page. */
#ifndef CC_APP_CTL_TRAIL_H
#define CC_APP_CTL_TRAIL_H

#include <jansson.h>
#include <stdbool.h>

/* Orders of contraclavectl (ctl_command.h). */
int ctl_trail_gather(const char *socket_path, const char *path, json_t *body, json_t *answer);
void ctl_trail_print(const json_t *answer);
int ctl_trail_export(const char *socket_path, const char *path, json_t *body, bool json);

#endif
