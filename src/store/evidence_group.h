/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows of evidence. What the verifications of one transaction leave goes into one row, sealed and
 * padded, at its end: a row for each would make a verification a third slower. The row has the
 * number of its first entry. Private to the files of evidence.
 */
#ifndef CC_STORE_EVIDENCE_GROUP_H
#define CC_STORE_EVIDENCE_GROUP_H

#include "store/evidence_form.h"

enum {
    EVIDENCE_GROUP_MAX = 64, /* entries of a row */
    /* The count, and the number that those of the entries are counted from. */
    EVIDENCE_HEADER_BYTES = 9,
    EVIDENCE_HAS_METHODS = 0x80, /* beside the count: its entries name their method */
    EVIDENCE_PAD_BYTES = 64      /* the length tells little of a name */
};

/* A row that is read entry by entry. */
struct evidence_row {
    int64_t id, at_ms, base;
    size_t left; /* entries that are still to come */
    bool has_methods;
    char *plain;
    const char *at, *end;
};

/* The row that st stands on, whose columns are id, at_ms and sealed. Errors: CC_ERR_ALTERED
 * (ret->id is set), CC_ERR_MEMORY. Owns: evidence_row_done(). */
enum cc_err evidence_row_open(const struct store *store, struct db_stmt *st,
                              struct evidence_row *ret) CC_MUST_CHECK;
/* The row that holds the entry, if any does. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED (it does not
 * open; ret->id is set), CC_ERR_MEMORY. Owns: evidence_row_done(). */
enum cc_err evidence_row_read(struct store *store, int64_t audit_id,
                              struct evidence_row *ret) CC_MUST_CHECK;
/* Errors: CC_ERR_NOT_FOUND (there are no more), CC_ERR_ALTERED. */
enum cc_err evidence_row_next(struct evidence_row *row, int64_t *ret_audit_id,
                              struct evidence *ret) CC_MUST_CHECK;
/* Wipes it. Takes one that was not read. */
void evidence_row_done(struct evidence_row *row);

/* Begins the plain text of a row. */
void evidence_put_header(struct buf *plain, size_t count, int64_t base);
/* Pads the plain text, which has room for EVIDENCE_PAD_BYTES more, and seals it for its row. NULL
 * without memory. Owns: free(). */
uint8_t *evidence_seal(const struct store *store, int64_t id, int64_t at_ms, struct buf *plain,
                       size_t *ret_len);

#endif
