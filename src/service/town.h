/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The town as a whole (DOMAIN 5): whether open sends need the contrast because too many NIFs are
 * being guessed at, and the alarms. The state is kept in the database and survives the program.
 */
#ifndef CC_SERVICE_TOWN_H
#define CC_SERVICE_TOWN_H

#include "base/buf.h"
#include "base/err.h"
#include "domain/limits.h"

#include <stdbool.h>
#include <stdint.h>

struct service;

/* A zeroed one knows nothing yet. */
struct town {
    bool is_known; /* `asks` was read from the database */
    bool asks;
    unsigned alarms;            /* bits of enum limits_alarm */
    struct limits_town counted; /* when last looked at */
    int64_t looked_ms;          /* UTC ms */
    uint64_t rollbacks;         /* of the database, when `asks` was read or written */
};

/* Whether open sends, and the requests that were opened without the contrast, need it. Errors:
 * CC_ERR_DB. */
enum cc_err town_asks(struct service *service, bool *ret) CC_MUST_CHECK;
/* The same for a call that goes by it: while they do, the failures are counted again once a minute.
 * Inside a turn. Errors: CC_ERR_DB. */
enum cc_err town_asks_now(struct service *service, int64_t now_ms, bool *ret) CC_MUST_CHECK;
/* Counts the failures again, after some were added or settled. Inside a turn. Errors: CC_ERR_DB. */
enum cc_err town_look(struct service *service, int64_t now_ms) CC_MUST_CHECK;
/* The same with the volume of sends; once a minute. Inside a turn. Errors: CC_ERR_DB. */
enum cc_err town_minute(struct service *service, int64_t now_ms) CC_MUST_CHECK;
/* Appends one Spanish sentence for the gravest alarm and what to do; nothing if there is none. */
void town_advice(const struct service *service, struct buf *out);

#endif
