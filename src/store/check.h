/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The check of a whole database against its key, in steps: the chain of the audit trail, the tag of
 * every row, the sum of every table, and the evidence of every entry. It names each row that does
 * not fit. Over a store of its own (store_open_to_read()) it sees one snapshot, however long it
 * takes and whatever is written meanwhile.
 */
#ifndef CC_STORE_CHECK_H
#define CC_STORE_CHECK_H

#include "store/audit.h"
#include "store/evidence_check.h"
#include "store/store.h"

enum { CHECK_TABLES = ROWTAG_TABLES + 1 }; /* the last one is ROWTAG_EVIDENCE */

typedef void check_row_fn(enum rowtag_table table, int64_t id, void *user);

struct check {
    struct store *store;
    check_row_fn *on_row; /* a row that does not carry its tag; may be NULL */
    void *user;

    /* results, whole when check_step() says that there is no more */
    struct audit_walk audit;
    bool is_missing[CHECK_TABLES]; /* rows deleted, or older ones put back */
    int64_t altered[CHECK_TABLES]; /* rows that do not carry their tag, or do not open */

    /* where it stands */
    int table; /* -1 = in the audit trail */
    int64_t after;
    struct head_sums sums;
    struct evidence_check evidence;
};

void check_begin(struct check *check, struct store *store, check_row_fn *on_row, void *user);
/* Reads some `rows` further. */
enum cc_err check_step(struct check *check, int64_t rows, bool *ret_more) CC_MUST_CHECK;
/* Begins it and steps to the end of the tables, before the evidence: for who can wait, but not for
 * long. */
enum cc_err check_run(struct check *check, struct store *store, check_row_fn *on_row,
                      void *user) CC_MUST_CHECK;
/* Whether all of it is as it was written, the audit trail at least since the last acceptance. */
bool check_is_good(const struct check *check);
/* Enters what was found into the facts of `store`, which may be another than the one checked. */
void check_tell(const struct check *check, struct store *store);

#endif
