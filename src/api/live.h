/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /v1/estado/eventos: the status as Server-Sent Events, for open pages, and what happens as
 * events named `suceso`, whose ids are those of the stored events; with `desde` instead the list of
 * what has happened since. On connect the whole status, with the newest events or, after a
 * Last-Event-ID, those that were missed; then the members that changed, looked at once a second for
 * all pages of a language; a named heartbeat every 5 s. A page that does not read keeps one event
 * waiting and then gets the whole again. After ten minutes a stream says `fin` and ends: the page
 * opens another, and only a session that still holds gets one.
 */
#ifndef CC_API_LIVE_H
#define CC_API_LIVE_H

#include "base/loop.h"
#include "http/route.h"
#include "service/service.h"

struct live;

/* Whether a page has the status that the stream would begin with: appends the member `huella` to a
 * status as estado_put() has written it. The page opens its stream with it as `conocido`, and gets
 * the newest events alone where nothing has changed since. */
void live_put_print(struct buf *status);

/* Owns: live_free(), after the server whose streams it feeds. */
struct live *live_new(struct loop *loop, struct service *service);
void live_free(struct live *live);

extern const struct json_shape live_shape;
route_handler live_follow;

#endif
