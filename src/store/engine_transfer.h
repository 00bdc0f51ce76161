/* SPDX-License-Identifier: EUPL-1.2 */
/* Operations of an engine for the way of all rows from one engine to another: store/transfer.h. */
#ifndef CC_STORE_ENGINE_TRANSFER_H
#define CC_STORE_ENGINE_TRANSFER_H

#include "store/db.h"

/* A table, with its columns in order; the texts live as long as the connections to both. */
struct engine_table {
    char *name, *columns; /* columns: apart by commas */
    char *insert;         /* the statement that writes one row */
};

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

#endif
