/* SPDX-License-Identifier: EUPL-1.2 */
/* The files of a change of the master key: store/rotation.h. */
#ifndef CC_STORE_ROTATION_PLACE_H
#define CC_STORE_ROTATION_PLACE_H

#include "store/store.h"

enum { ROTATION_PATH_SIZE = 1024 };

struct rotation_files {
    const struct store_engine *engine;
    char database[ROTATION_PATH_SIZE], next_database[ROTATION_PATH_SIZE];
    char key[ROTATION_PATH_SIZE], next_key[ROTATION_PATH_SIZE];
    char box[STORE_BOX_SIZE];
};

/* Errors: CC_ERR_NO_SPACE (a path is too long). */
enum cc_err rotation_files_name(const struct store_place *place,
                                struct rotation_files *ret) CC_MUST_CHECK;
/* Removes the second database and its anchor; the new key stays. */
void rotation_files_drop(const struct rotation_files *files);
/* The second database in the place of the first, which keeps a name aside; neither is open. From
 * its rename on there is no way back. Errors: CC_ERR_IO. */
enum cc_err rotation_files_exchange(const struct rotation_files *files) CC_MUST_CHECK;
/* Frees a piece of that first one. Returns whether nothing is left of it. */
bool rotation_files_shrink_old(const struct rotation_files *files) CC_MUST_CHECK;
/* Whole databases under the old key that the program has left beside this one: of before an
 * upgrade, and those that a copy took the place of (store/copy.h). */
int64_t rotation_files_count_older(const struct rotation_files *files);
/*
 * Then the key: removes those, whom nobody reads any more but a thief of the old key, destroys it
 * and gives its name to the new one, and so with the anchor. Errors: CC_ERR_IO.
 */
enum cc_err rotation_files_take_key(const struct rotation_files *files) CC_MUST_CHECK;

#endif
