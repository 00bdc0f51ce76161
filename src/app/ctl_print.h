/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers for people: aligned tables and lists, in Spanish, on stdout. */
#ifndef CC_APP_CTL_PRINT_H
#define CC_APP_CTL_PRINT_H

#include <jansson.h>

void ctl_print_token(const json_t *answer);
void ctl_print_clients(const json_t *answer);
void ctl_print_client(const json_t *answer);
void ctl_print_rotated(const json_t *answer);
void ctl_print_revoked(const json_t *answer);
void ctl_print_operator(const json_t *answer);
void ctl_print_operators(const json_t *answer);
void ctl_print_link(const json_t *answer);
void ctl_print_citizen(const json_t *answer);
void ctl_print_life(const json_t *answer);
void ctl_print_applications(const json_t *answer);
void ctl_print_application(const json_t *answer);
void ctl_print_blocked(const json_t *answer);
void ctl_print_limits(const json_t *answer);
void ctl_print_clock(const json_t *answer);
void ctl_print_modems(const json_t *answer);
void ctl_print_modem(const json_t *answer);
void ctl_print_trial(const json_t *answer);
void ctl_print_queued(const json_t *answer);
void ctl_print_alert_trial(const json_t *answer);
void ctl_print_restart(const json_t *answer);
void ctl_print_trace(const json_t *answer);
void ctl_print_report(const json_t *answer);
void ctl_print_centre(const json_t *answer);
void ctl_print_balance(const json_t *answer);
void ctl_print_inbox(const json_t *answer);
void ctl_print_read(const json_t *answer);
void ctl_print_history(const json_t *answer);
void ctl_print_accepted(const json_t *answer);
void ctl_print_figures(const json_t *answer);
void ctl_print_sending(const json_t *answer);
void ctl_print_status(const json_t *answer);
void ctl_print_queue(const json_t *answer);

#endif
