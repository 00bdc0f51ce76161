/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes a modem as an object of GET /v1/estado. */
#ifndef CC_API_ESTADO_MODEM_H
#define CC_API_ESTADO_MODEM_H

#include "api/estado.h"
#include "http/route.h"
#include "service/modem_acts.h"

/*
 * Counts and times that would tell how many messages went are rounded for a client on TCP: a sede
 * that looks before and after a request must not see whether it sent a message (DOMAIN 5). The
 * control socket sees the exact values.
 */
/* A count: on TCP in tens, rounded down; 0 = fewer than 10. */
int64_t estado_count(const struct caller *caller, int64_t count);
/* A time in seconds: on TCP in whole minutes, rounded down. */
int64_t estado_seconds(const struct caller *caller, int64_t seconds);
/* "ultima_entrega" is as of the last day_look(); null for a client. */
void estado_put_modem(struct buf *out, const struct estado_view *view, const struct modem *modem);

#endif
