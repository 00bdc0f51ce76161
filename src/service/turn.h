/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The grouped commit (DESIGN decision 1): all that one turn of the loop wants to write shares one
 * transaction, a SAVEPOINT each; at the end of the turn it is committed once, and only then do the
 * answers and the modem commands go. Nothing leaves the box before what it says is durable.
 */
#ifndef CC_SERVICE_TURN_H
#define CC_SERVICE_TURN_H

#include "base/err.h"
#include "base/loop.h"
#include "store/store.h"

#include <stdbool.h>

struct turn;

/* committed: false when the COMMIT failed, or what was written between the same turn_enter() and
 * turn_leave() was undone; each waiting caller must then answer CC_ERR_DB. */
typedef void (*turn_fn)(bool committed, void *user);

struct turn *turn_new(struct loop *loop, struct store *store);
void turn_free(struct turn *turn);
/* Joins the open transaction or begins it; a savepoint is open until turn_leave(). */
enum cc_err turn_enter(struct turn *turn) CC_MUST_CHECK;
/* keep: what was written since turn_enter() stays in the batch; else it is undone, and only it. */
void turn_leave(struct turn *turn, bool keep);
/* Called after the turn's COMMIT, in the order asked. Only between turn_enter() and the commit. */
void turn_after(struct turn *turn, turn_fn fn, void *user);
/* How many are told of the same commit as the turn_fn that asks; 0 outside of one. */
size_t turn_count_told(const struct turn *turn);
/* The one hook that runs inside the transaction just before COMMIT: the dispatcher's claim of due
 * messages. */
void turn_set_before(struct turn *turn, loop_fn fn, void *user);
/* Hooks that run after each COMMIT that went well, in their order; TURN_HOOKS of them. A fn of NULL
 * takes one away. */
enum turn_hook { TURN_HOOK_TIDY, TURN_HOOK_FORWARD, TURN_HOOKS };
void turn_set_after(struct turn *turn, enum turn_hook hook, loop_fn fn, void *user);
/* Whether something was written, or is to be answered, that no commit has taken yet. */
bool turn_is_open(const struct turn *turn);
/* Whether each statement is a wait for a server, during which nothing else is done. */
bool turn_waits_for_server(const struct turn *turn);
/* Asks for the end of a turn though nothing was written yet, so that the hook runs. */
void turn_request(struct turn *turn);
/* Commits what is open now; for the end of the program. */
void turn_flush(struct turn *turn);

#endif
