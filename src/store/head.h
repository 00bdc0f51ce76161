/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The head of the database, one sealed value in meta, bound to the last row of the audit trail: the
 * number of the commit and, of each tagged table, the sum (exclusive or) of a secret element of
 * every row. Written once per commit. It tells a database whose rows were deleted, put back from an
 * older copy, or whose audit trail was cut.
 */
#ifndef CC_STORE_HEAD_H
#define CC_STORE_HEAD_H

#include "base/err.h"
#include "base/secret.h"
#include "store/rowtag.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

struct head_sums {
    uint8_t of[ROWTAG_TABLES][SECRET_TAG_BYTES];
    int64_t citizens; /* rows of that table; not in meta: the check of a start counts them */
    bool is_counted;
};

struct head {
    int64_t commit; /* counts the heads written; never goes back in one database */
    struct head_sums sums;
    struct head_sums at_savepoint;
    struct head_sums committed;
    int64_t commit_committed; /* `commit` of the last commit that took */
    uint64_t rollbacks;       /* db_rollbacks() when `sums` was last right */
    uint64_t transaction;     /* db_transactions() when it was read of a shared database */
    uint64_t accepted; /* rollbacks when a person accepted the sums, until the commit; 0 = no */
    bool is_stale;     /* rows of the open transaction that the head in meta does not cover yet */
};

/* A row with this element joins or leaves the table: the same act. */
void head_toggle(struct store *store, enum rowtag_table table,
                 const uint8_t element[SECRET_TAG_BYTES]);
/* A citizen's row has come, or gone (-1). */
void head_count_citizen(struct store *store, int64_t change);
/* What the check of the last commit has counted. */
void head_set_citizens(struct store *store, int64_t citizens);
/* False: nothing was counted, or other boxes have part in the table. */
bool head_tell_citizens(struct store *store, int64_t *ret);
/* The nest of one request in the turn's transaction, and taking it back (db.h). */
enum cc_err head_savepoint(struct store *store) CC_MUST_CHECK;
void head_rollback_to_savepoint(struct store *store);
/* Writes the head for the audit trail that ends in this tag. */
enum cc_err head_write(struct store *store,
                       const uint8_t audit_tag[SECRET_TAG_BYTES]) CC_MUST_CHECK;
/* Reads it: *ret_fits if there is one, whole, for a trail that ends in this tag; only then ret is
 * set. */
enum cc_err head_read(const struct store *store, const uint8_t audit_tag[SECRET_TAG_BYTES],
                      struct head *ret, bool *ret_fits) CC_MUST_CHECK;
/* Takes over the last commit of a shared database, which may be another box's; audit_refresh()
 * calls it when it has read the end of the audit trail. */
enum cc_err head_refresh(struct store *store) CC_MUST_CHECK;
/* A person accepts the rows as they are: these are their sums, and no commit was a later one than
 * the next. In doubt no more once it is committed. */
void head_accept(struct store *store, const struct head_sums *sums, int64_t commit);
/* Whether head_accept() is in the transaction that is about to be, or was just committed. */
bool head_is_accepted(const struct store *store);
/* A commit has taken what was written. */
void head_committed(struct store *store);

#endif
