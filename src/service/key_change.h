/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Another master key, while the box serves: store/rotation.h, in steps of a few milliseconds. One
 * that the end of the program stopped begins anew at the next start.
 */
#ifndef CC_SERVICE_KEY_CHANGE_H
#define CC_SERVICE_KEY_CHANGE_H

#include "service/caller.h"
#include "service/service.h"

enum key_change_state {
    KEY_CHANGE_NEVER, /* since the start of the program */
    KEY_CHANGE_RUNNING,
    KEY_CHANGE_DONE,
    KEY_CHANGE_FAILED,
};

struct key_change_report {
    enum key_change_state state;
    int64_t began_ms, ended_ms; /* UTC; 0 = not yet */
    int64_t rows, total;
    enum cc_err trouble; /* why it failed */
};

/* The paths of the place stay the caller's. Owns: key_change_free(). */
struct key_change *key_change_new(struct service *service, const struct store_place *place);
void key_change_free(struct key_change *change);
/* Begins one behind this turn; one that is under way goes on. Audited. Errors:
 * CC_ERR_ON_SERVER, CC_ERR_DB. */
enum cc_err key_change_ask(struct service *service, const struct caller *caller,
                           int64_t now_ms) CC_MUST_CHECK;
struct key_change_report key_change_report(const struct key_change *change);

#endif
