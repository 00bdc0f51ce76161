/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes the status of GET /v1/estado; the stream of open pages tells the same. */
#ifndef CC_API_ESTADO_H
#define CC_API_ESTADO_H

#include "base/buf.h"
#include "domain/text.h"
#include "service/caller.h"
#include "service/modem_acts.h"

/* The reader of the status, the instant and the language. */
struct estado_view {
    struct service *service;
    const struct caller *caller;
    int64_t now_ms; /* UTC */
    enum text_lang lang;
};

/* Appends the status as one JSON object. Errors: CC_ERR_DB, while the engine tells no fault. */
enum cc_err estado_put(const struct estado_view *view, struct buf *out) CC_MUST_CHECK;
/* Appends the member `buzon`: unread messages, and modems whose balance is low. Errors: CC_ERR_DB.
 */
enum cc_err buzon_put_status(const struct estado_view *view, struct buf *out) CC_MUST_CHECK;
/* Appends the member `avisos`: by which channels, to whom, how the last one ended. */
void avisos_put_status(const struct estado_view *view, struct buf *out);

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
