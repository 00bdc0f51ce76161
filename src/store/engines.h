/* SPDX-License-Identifier: EUPL-1.2 */
/* Engines that this program is built with, and what they do besides struct store_engine. */
#ifndef CC_STORE_ENGINES_H
#define CC_STORE_ENGINES_H

#include "store/engine.h"

/* Findings about a place that is to hold the database, for a technician. */
enum engine_grade { ENGINE_GOOD, ENGINE_WARNING, ENGINE_BAD };

/* Called for each finding: what it is about, and how that is, in a sentence. */
typedef void (*engine_say_fn)(enum engine_grade grade, const char *subject, const char *sentence,
                              void *user);

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

/* A table, with its columns in order; the texts live as long as the connections to both. */
struct engine_table {
    char *name, *columns; /* columns: apart by commas */
    char *insert;         /* the statement that writes one row */
};

/* Operations for the way of all rows from one engine to another: store/transfer.h. */
struct engine_transfer {
    /*
     * Lists tables: a row for each column, with the table, the column, whether it is text, and its
     * place in the primary key, from 1; 0 = it is not in it. NULL: the other engine lists them.
     */
    const char *columns;
    /* Follows a column of text in ORDER BY, for one order of both engines. */
    const char *text_order;
    /* Keeps out of a shared database the boxes that it knows. Errors: CC_ERR_DB_IN_USE (one runs;
     * logged). NULL where the lock of the file does. */
    enum cc_err (*keep_out)(struct db *db);
    /* The statement for a SELECT that may tell more rows than fit in memory. Until its last row
     * nothing else is asked of the connection. */
    struct db_stmt *(*read)(struct db *db, const char *select);
    /* Writes rows of one table, each of them where `from` stands, until load_end(). */
    enum cc_err (*load_begin)(struct db *db, const struct engine_table *table);
    enum cc_err (*load_row)(struct db *db, const struct engine_table *table, struct db_stmt *from);
    enum cc_err (*load_end)(struct db *db, const struct engine_table *table);
    /* The last number that the engine gave to a row of a table; 0 = none, or it gives none. */
    enum cc_err (*last_number)(struct db *db, const char *table, int64_t *ret);
    enum cc_err (*set_last_number)(struct db *db, const char *table, int64_t last);
};

/* Engine for a place: the address of a server, or a file. */
const struct store_engine *store_engine_of(const char *place);

/* NULL = it has none. */
const struct engine_rotation *engines_find_rotation(const struct store_engine *engine);

/* Tells how a place is that is to hold the database; false: it is a file, of which nothing is told.
 */
bool engines_inspect(const char *place, const struct db_identity *ours, engine_say_fn fn,
                     void *user);
const struct engine_transfer *engines_find_transfer(const struct store_engine *engine);

#endif
