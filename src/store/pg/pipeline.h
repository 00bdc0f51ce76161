/* SPDX-License-Identifier: EUPL-1.2 */
/* The statements that wait to be sent together; see pipeline.c. */
#ifndef CC_STORE_PG_PIPELINE_H
#define CC_STORE_PG_PIPELINE_H

#include "store/pg/private.h"

enum { PG_PIPELINE_MAX = 64, PG_AHEAD_MAX = 16, PG_AHEAD_BYTES = 256 };

/* The use of the answer to a statement that was sent with others. */
enum pg_wants {
    PG_WANTS_NOTHING,
    PG_WANTS_A_CHANGE, /* of a row; none is an error */
    PG_WANTS_AHEAD,    /* kept for the SELECT that will ask the same */
    PG_WANTS_ROWS,     /* awaited */
};

struct pg_item {
    const char *sql;
    enum pg_wants wants;
    size_t ahead;          /* its place */
    uint64_t *prepared_in; /* of a preparation: 0 after an error; NULL = it is none */
};

/* A SELECT that was asked ahead. */
struct pg_ahead {
    const void *statement;
    size_t len;
    uint8_t bytes[PG_AHEAD_BYTES]; /* its parameters */
    PGresult *result;              /* NULL = still to come */
};

struct pg_pipeline {
    size_t count;
    size_t writes; /* of these, so many that change a row */
    size_t ahead_count;
    struct pg_item items[PG_PIPELINE_MAX];
    struct pg_ahead ahead[PG_AHEAD_MAX];
};

/* Owns: pg_pipeline_free(), which takes NULL. */
struct pg_pipeline *pg_pipeline_new(void);
void pg_pipeline_free(struct pg_pipeline *pipeline);
bool pg_pipeline_is_empty(const struct pg_db *pg);
/*
 * Before one more is put into the connection, and its preparation; what waits is sent where there
 * is no more room. Errors: as pg_pipeline_end().
 */
enum cc_err pg_pipeline_enter(struct pg_db *pg, const char *sql);
/* Notes what was put into the connection. */
void pg_pipeline_note(struct pg_db *pg, const struct pg_item *item);
/*
 * Sends what waits and waits for its answers; *ret_last, the caller's, is that of the item that
 * wants rows. After an error of another item nothing of the transaction is kept: each statement
 * fails until db_rollback(). Errors: as pg_note().
 */
enum cc_err pg_pipeline_end(struct pg_db *pg, PGresult **ret_last);
/* The same where something waits, and nothing wants rows. */
enum cc_err pg_pipeline_settle(struct pg_db *pg);
/* Forgets the answers of SELECTs that were asked ahead: something is written, or begins. */
void pg_pipeline_drop_ahead(struct pg_db *pg);
/* The same and what waits: the connection is no more. */
void pg_pipeline_forget(struct pg_db *pg);
/* The same SELECT with the same parameters, asked ahead; NULL = none. */
struct pg_ahead *pg_pipeline_find(struct pg_db *pg, const struct pg_ahead *asked);

#endif
