/* SPDX-License-Identifier: EUPL-1.2 */
/* Operations of an engine for a change of the master key: store/rotation.h. */
#ifndef CC_STORE_ENGINE_ROTATION_H
#define CC_STORE_ENGINE_ROTATION_H

#include "store/db.h"

/* A table whose changes are noted, by one of its columns; slot "0": that one of its rows changed.
 */
struct engine_watched {
    int64_t number;
    const char *table, *slot;
};

/* Operations for a change of the master key: store/rotation.h. */
struct engine_rotation {
    /* Notes from now on, for this connection, which slots of which tables are written to. A
     * rollback takes back what it noted. */
    enum cc_err (*watch)(struct db *db, const struct engine_watched *watched, size_t count);
    void (*unwatch)(struct db *db, const struct engine_watched *watched, size_t count);
    /* Takes one of the noted slots. Errors: CC_ERR_NOT_FOUND (there is none). */
    enum cc_err (*take)(struct db *db, int64_t *ret_number, int64_t *ret_slot);
    enum cc_err (*give_back)(struct db *db, int64_t number, int64_t slot);
    enum cc_err (*count)(struct db *db, int64_t *ret);
    /* Lets a connection write rows before those that they refer to. */
    enum cc_err (*relax)(struct db *db);
    /* Copies which numbers of rows were given already. In a transaction of `to`. */
    enum cc_err (*copy_numbers)(struct db *from, struct db *to);
};

#endif
