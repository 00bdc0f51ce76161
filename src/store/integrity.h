/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Facts about changes made to the database without its key. Each is logged once; the status and the
 * doctor repeat it. While the database as a whole is in doubt, requests of the sede are refused
 * until a person accepts it: a revoked token must not live again in silence.
 */
#ifndef CC_STORE_INTEGRITY_H
#define CC_STORE_INTEGRITY_H

#include "base/buf.h"
#include "store/rowtag.h"

struct store;

/* Bits. */
enum integrity_fact {
    INTEGRITY_ROW = 1 << 0,       /* a row does not carry its tag: that row is refused */
    INTEGRITY_ROWS = 1 << 1,      /* rows are missing, older ones put back, or counts changed */
    INTEGRITY_AUDIT = 1 << 2,     /* the audit trail was changed or cut */
    INTEGRITY_OLD = 1 << 3,       /* the anchor knows a later commit: an old copy, a cut WAL */
    INTEGRITY_SWAPPED = 1 << 4,   /* the anchor is another database's */
    INTEGRITY_NO_ANCHOR = 1 << 5, /* a database in use without its anchor, or with a false one */
    INTEGRITY_ANCHOR_IO = 1 << 6, /* the anchor cannot be written: folder read-only, disk full */
    INTEGRITY_EVIDENCE = 1 << 7,  /* an entry has no evidence: the others are served */
};

enum { INTEGRITY_ROWS_MAX = 16 };

struct integrity {
    unsigned facts;
    size_t count; /* rows named below; further ones are counted in `more` */
    struct {
        enum rowtag_table table;
        int64_t id;
    } rows[INTEGRITY_ROWS_MAX];
    int64_t more;
};

/*
 * Whether an altered row of the table cannot be refused alone: the count of failures, the highest
 * time and the PINs that were tried are of all rows.
 */
bool integrity_needs_all_rows(enum rowtag_table table);
/* Both log once. */
void integrity_add_row(struct store *store, enum rowtag_table table, int64_t id);
void integrity_add(struct store *store, enum integrity_fact fact);
void integrity_remove(struct store *store, enum integrity_fact fact);
/* A person has accepted the database: only what is still wrong with the disk stays. */
void integrity_forget(struct store *store);
/* Whether requests of the sede are refused until a person accepts the database. */
bool integrity_is_in_doubt(const struct store *store);
/* Writes a Spanish sentence for each fact, and what to do; nothing if all is well. */
void integrity_say(const struct store *store, struct buf *out);

#endif
