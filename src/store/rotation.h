/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Replaces the master key while the database is in use. Beside the database a second one is filled
 * under the new key, a few rows at a time: all that is sealed is sealed again, each tag is made of
 * the one before (base/secret_old.h), ids of citizens follow the index of the NIF, row tags and the
 * chain of the audit are made anew. Rows that change meanwhile are noted and copied again. In the
 * end one takes the other's place, by one rename, and the old key is destroyed, with whatever whole
 * database the program had left beside: without the key it is of no use but to a thief. A process
 * that dies on the way leaves the one database whole or the other; what was half filled is begun
 * anew.
 *
 * Files: KEY.nueva and its anchor, DATABASE.rota, and DATABASE.rota-vieja, whose place was taken.
 */
#ifndef CC_STORE_ROTATION_H
#define CC_STORE_ROTATION_H

#include "store/audit.h"
#include "store/store.h"

struct rotation;

/* Whether a change of the key was begun with this database, and not ended. */
bool rotation_is_pending(const struct store_place *place);
/*
 * Begins it. The new key is that of the file KEY.nueva, or is made there. The database of the place
 * is the open one. Errors: CC_ERR_NEW_MASTER_KEY (that file is no key of 32 bytes that only its
 * owner reads, or it is the key in use), CC_ERR_ALTERED (the database has rows that were changed
 * without the key), CC_ERR_MASTER_KEYS_USED_UP, CC_ERR_ON_SERVER (the engine
 * cannot), CC_ERR_IO, those of store_open_place(). Owns: rotation_free().
 */
enum cc_err rotation_begin(struct store *store, const struct store_place *place, int64_t now_ms,
                           struct rotation **ret) CC_MUST_CHECK;
/* Takes at most so many slots of rows further, and makes them durable. Nothing while the store is
 * in a transaction. *ret_ready: rotation_finish() has little left to do. Errors: those of
 * rotation_copy_slot(). */
enum cc_err rotation_step(struct rotation *rotation, int64_t slots, bool *ret_ready) CC_MUST_CHECK;
struct rotation_progress {
    int64_t rows, total; /* total: of the audit and the citizens, as they were at the beginning */
};
struct rotation_progress rotation_progress(const struct rotation *rotation);
/*
 * The rest, with `entry` at the end of the audit; then *store is the new database. Not in a
 * transaction. Errors: CC_ERR_DB_BUSY (another process reads, or an import is under way: try
 * again), those of rotation_step(); the store is then as it was.
 */
enum cc_err rotation_finish(struct rotation *rotation, const struct audit_entry *entry,
                            int64_t now_ms) CC_MUST_CHECK;
/*
 * After that, again and again: frees a piece of the database that was replaced, which would hold
 * the loop if it went at once. Returns whether nothing is left of it.
 */
bool rotation_forget(const struct store_place *place) CC_MUST_CHECK;
/* Takes NULL. One that is not finished leaves nothing but the new key. */
void rotation_free(struct rotation *rotation);
/* At the end of the program: what was begun is begun anew at the next start. */
void rotation_leave(struct rotation *rotation);
/* At the start, before the database is opened: ends a change of the key whose database took its
 * place already, and removes the one that it replaced. Errors: CC_ERR_IO. */
enum cc_err rotation_settle(const struct store_place *place) CC_MUST_CHECK;

#endif
