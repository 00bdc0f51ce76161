/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Copies of the database for a person to keep, and the way back. A copy is made by the engine's own
 * online backup from one snapshot, so that everything that was committed before it began is in it,
 * and counts only once it was opened, read whole and found to belong to the key. Done by
 * contraclavectl in its own process: the daemon goes on serving. What fails is logged here, in
 * words for the technician, and leaves no part of a file behind.
 */
#ifndef CC_STORE_COPY_H
#define CC_STORE_COPY_H

#include "base/err.h"
#include "store/db.h"

#include <stdbool.h>
#include <stdint.h>

/* Of a copy, for the person who made or put it back. */
struct copy_facts {
    int64_t bytes;
    int64_t citizens;
    int64_t applications; /* online altas that wait: their documents are in no copy */
    int64_t last_ms;      /* time of the last row of its audit trail, 0 = none */
    bool is_older; /* of an older program: it is upgraded when it takes the database's place */
};

/* Ends the name of a copy while it is made: one alone is made at a time under a name, which the
 * caller sees to (copies_lock()). */
#define COPY_PART ".parte"

/*
 * Copies the database at db_path, whose key is at key_path, to the new file `to` (0600, durable).
 * Errors: CC_ERR_COPY_EXISTS, CC_ERR_KEY_WRONG, CC_ERR_KEY_MISSING, CC_ERR_DB_DAMAGED,
 * CC_ERR_DB_NOT_OURS, CC_ERR_AUDIT_BROKEN (the copied audit trail does not chain), CC_ERR_NOT_FOUND
 * (no database), CC_ERR_NOT_CONFIGURED (it is on a server), CC_ERR_IO, CC_ERR_DB.
 */
enum cc_err copy_make(const char *db_path, const char *key_path, const char *to,
                      struct copy_facts *ret) CC_MUST_CHECK;

/*
 * Opens a copy for reading alone and reads all of it, of a copy that is not older the tag of every
 * row too. Errors: those of copy_make(), and CC_ERR_ALTERED (rows changed without the key).
 */
enum cc_err copy_prove(const char *path, const char *key_path,
                       struct copy_facts *ret) CC_MUST_CHECK;

enum { COPY_PATH_SIZE = 1024 };

/* Makes an empty file of mode 0600 beside `to`, whose name is then the caller's to remove; what a
 * copy left there that was killed goes, with the log of its database. Errors: CC_ERR_IO (logged),
 * CC_ERR_NO_SPACE. */
enum cc_err copy_make_part(const char *to, char ret_path[COPY_PATH_SIZE]) CC_MUST_CHECK;

/*
 * Puts the copy `from` in the place of the database at db_path, which must not be in use; that
 * database, if there is one, is kept under its name with now_ms behind it, written to ret_aside
 * ("" = there was none). Errors: those of copy_make() about `from`, CC_ERR_DB_IN_USE.
 */
enum cc_err copy_restore(const char *db_path, const char *key_path, const char *from,
                         int64_t now_ms, struct copy_facts *ret,
                         char ret_aside[COPY_PATH_SIZE]) CC_MUST_CHECK;

/* Notes, in a file beside the database, that a good copy was made now; a copy that cannot be noted
 * is logged and is good all the same. */
void copy_note(const char *db_path);
/* UTC ms of the last good copy; 0 = none was noted. */
int64_t copy_last_ms(const char *db_path);

/*
 * The copy of a database as an older program left it, made before it is brought up to date: the way
 * back to that program, which refuses a newer database. It stays beside the database, as
 * NAME.version-N, as readable as that; a change of the master key removes it (store/rotation.h).
 * Nothing for a database that is new, or of now. Errors: CC_ERR_IO, CC_ERR_DB_DAMAGED,
 * CC_ERR_NO_SPACE; told: without the copy it stays as it is.
 */
enum cc_err copy_before_upgrade(struct db *db, const struct store_engine *engine,
                                const char *db_path) CC_MUST_CHECK;
/* Removes such copies of more than 30 days: what was destroyed since is still in them. */
void copy_forget_upgrades(const char *db_path, int64_t now_ms);

#endif
