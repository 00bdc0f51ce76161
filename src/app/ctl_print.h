/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers for people: aligned tables and lists, in Spanish, on stdout. */
#ifndef CC_APP_CTL_PRINT_H
#define CC_APP_CTL_PRINT_H

#include <jansson.h>

void ctl_print_token(const json_t *answer);
void ctl_print_clients(const json_t *answer);
void ctl_print_revoked(const json_t *answer);
void ctl_print_citizen(const json_t *answer);
void ctl_print_clock(const json_t *answer);
void ctl_print_status(const json_t *answer);
void ctl_print_queue(const json_t *answer);

#endif
