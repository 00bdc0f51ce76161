/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Once an hour the whole database is checked against its key, in small steps over a connection of
 * its own, so that an edit is told without being asked for (store/check.h). The start has checked
 * it already. An auditor may ask for a pass and see how far it is and what it found.
 */
#ifndef CC_SERVICE_INSPECT_H
#define CC_SERVICE_INSPECT_H

#include "base/loop.h"
#include "store/check.h"

struct inspect;

enum inspect_state {
    INSPECT_NEVER, /* not asked for since the start of the program */
    INSPECT_RUNNING,
    INSPECT_DONE,
    INSPECT_FAILED /* the database could not be read */
};

enum { INSPECT_ROWS_TOLD = 100 };

/* The pass that was asked for last. */
struct inspect_report {
    enum inspect_state state;
    int64_t began_ms, ended_ms; /* UTC; 0 = not yet */
    int64_t read, total;        /* rows of the audit trail */
    int table;                  /* enum rowtag_table that is being read; -1 = the trail */
    bool is_good;
    int64_t first_bad; /* row of the trail; 0 = none */
    struct {
        enum rowtag_table table;
        int64_t id;
    } rows[INSPECT_ROWS_TOLD]; /* rows that do not carry their tag, as many as fit */
    size_t row_count;
    bool is_missing[CHECK_TABLES];
};

/* store, to whose facts the findings are added, and the paths stay the caller's. */
struct inspect *inspect_new(struct loop *loop, struct store *store, const char *db_path,
                            const char *key_path);
void inspect_free(struct inspect *inspect);
/* Asks for a pass of faster steps, in place of one that the clock has begun. False: one that was
 * asked for goes on. */
bool inspect_ask(struct inspect *inspect);
/* Begins the pass that was asked for, once the order is durable; else it was not asked for. A
 * turn_fn (service/turn.h). */
void inspect_begin(bool committed, void *inspect);
/* Gives the database back, and goes on in a while: it is about to be replaced. */
void inspect_rest(struct inspect *inspect);
/* *ret lives as long as inspect, and changes with the next step. */
const struct inspect_report *inspect_report_of(const struct inspect *inspect);

#endif
