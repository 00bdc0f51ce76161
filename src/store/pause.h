/* SPDX-License-Identifier: EUPL-1.2 */
/* Sending, paused by a person at one of the boxes, for all of them: what one must not send, another
 * would take over. A row of that box while it lasts; it survives the program. */
#ifndef CC_STORE_PAUSE_H
#define CC_STORE_PAUSE_H

#include "store/store.h"

enum { PAUSE_ACTOR_SIZE = 81, PAUSE_REASON_SIZE = 201 };

struct pause {
    int64_t since_ms; /* UTC; 0 = sending is not paused */
    char actor[PAUSE_ACTOR_SIZE];
    char reason[PAUSE_REASON_SIZE]; /* "" = none was given */
};

/* The first that began; a zeroed one when sending is not paused. */
enum cc_err pause_load(struct store *store, struct pause *ret) CC_MUST_CHECK;
/* Both inside a turn. A pause that is there already is replaced. */
enum cc_err pause_save(struct store *store, const struct pause *pause) CC_MUST_CHECK;
/* Of all boxes. */
enum cc_err pause_delete(struct store *store) CC_MUST_CHECK;

#endif
