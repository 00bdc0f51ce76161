/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Takes a whole database from one engine to the other: every row of every table as it is, seals,
 * tags and the chain of the audit trail with it, so that the same master key and the same anchor
 * go on. Afterwards both are read again, row beside row. A process that dies on the way leaves the
 * target as it was: a server takes all in one transaction, a file gets its name at the end. The
 * source is only read. Done by contraclavectl while no box runs; logged in words for the
 * technician.
 */
#ifndef CC_STORE_TRANSFER_H
#define CC_STORE_TRANSFER_H

#include "base/err.h"

#include <stdint.h>

struct transfer_ends {
    const char *from, *to; /* places of store_open() */
    const char *key_path;  /* of the database */
};

struct transfer_facts {
    int64_t tables, rows;
    int64_t citizens;
    int64_t applications; /* online altas that wait: their documents are files */
};

/*
 * Errors: CC_ERR_NOT_CONFIGURED (both are of one engine; the source is of an older program),
 * CC_ERR_NOT_FOUND (no source), CC_ERR_COPY_EXISTS (the target is not empty), CC_ERR_DB_IN_USE (a
 * box uses the one or the other), CC_ERR_DB (a row is not the same in both), those of
 * store_open_to_read() and db_open().
 */
enum cc_err transfer_run(const struct transfer_ends *ends, int64_t now_ms,
                         struct transfer_facts *ret) CC_MUST_CHECK;

#endif
