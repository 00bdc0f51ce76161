/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * contraclavectl copia and restaura, in contraclavectl's own process: where a copy of the database
 * goes (a file that a person names, or what the configuration has for every day, a folder or
 * another machine, where so many copies are kept and the oldest give way), its seal, and its
 * sending.
 */
#ifndef CC_APP_COPIES_H
#define CC_APP_COPIES_H

#include "app/config.h"
#include "base/envelope.h"
#include "store/copy.h"

#include <stdbool.h>
#include <stdint.h>

/* copies.c: the process as the store needs it: its files for one user alone, the town's time. */
void copies_prepare(const struct config *config);

/* ---- copies_seal.c -------------------------------------------------------------------------- */

/* Seals the file `plain` into the new file `to` (0600, durable), which counts only once it was
 * opened again and found equal. Errors: CC_ERR_IO, CC_ERR_COPY_EXISTS, CC_ERR_MEMORY. */
enum cc_err copies_seal(const struct envelope *envelope, const char *plain,
                        const char *to) CC_MUST_CHECK;

/* The means by which a person opens a sealed copy. */
struct copies_opener {
    bool has_phrase;          /* asked for at the terminal */
    const char *private_path; /* file of the private key; NULL = none */
};

/* Whether the file is a sealed copy or a plain one. Errors: CC_ERR_DB_NOT_OURS (neither),
 * CC_ERR_NOT_FOUND, CC_ERR_IO. */
enum cc_err copies_find_seal(const char *path, bool *ret) CC_MUST_CHECK;
/* Opens the sealed copy `from` into the new file `plain`; leaves none behind when it fails. Errors:
 * CC_ERR_COPY_SEALED (neither was given), CC_ERR_COPY_SECRET, CC_ERR_COPY_BROKEN, CC_ERR_IO,
 * CC_ERR_MEMORY, CC_ERR_KEY_FORMAT (no private key in that file). */
enum cc_err copies_unseal(const char *from, const struct copies_opener *opener,
                          const char *plain) CC_MUST_CHECK;

/* ---- copies_target.c ------------------------------------------------------------------------ */

enum { COPIES_URL_SIZE = 1024, COPIES_BOX_SIZE = 64 };

struct copies_target {
    char path[COPY_PATH_SIZE];   /* the new file; where it is sent, one beside the database */
    char url[COPIES_URL_SIZE];   /* "" = it stays at path */
    char folder[COPY_PATH_SIZE]; /* whose older copies give way; "" = none does */
    char box[COPIES_BOX_SIZE];
};

/* "https://…" or "sftp://…" without user and query, or a whole path. */
bool copies_is_target(const char *text);
/*
 * given: a file, a folder or an address; NULL = what the configuration says. Returns the exit code:
 * 0, 64 (none is given), 78 (not as the configuration demands: another disk, a seal), 70; said.
 */
int copies_target_find(const struct config *config, const char *given, int64_t now_ms,
                       struct copies_target *ret);
/* The name of a box in those of its copies: what is no letter, digit or dot becomes "-". Pure. */
void copies_name_box(const char *name, char ret[COPIES_BOX_SIZE]);
/* Whether this is the name of a copy of that box, as they are named in a folder. Pure. */
bool copies_is_named(const char *name, const char *box);
/* Whether this is what a copy of that box leaves in a folder where it is killed. Pure. */
bool copies_is_leftover(const char *name, const char *box);
/* Until the process ends no other makes or puts back a copy of this database. Returns the exit
 * code: 0, or 75 (another does); said. */
int copies_lock(const char *database);
/* Removes the leftovers of the box from the folder. Under copies_lock(). */
void copies_sweep(const struct copies_target *target);
/* Removes the oldest copies of the box from the folder but for `keep`. What cannot be removed is
 * said, and ends no copy. */
void copies_prune(const struct copies_target *target, int64_t keep);

/* copies_post.c: sends the file to the address and reads it back: the exit code, 0 or 75; said.
 * Time: an hour at most. */
int copies_post(const struct config_copies *copies, const char *path, const char *url);

#endif
