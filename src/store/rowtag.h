/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Row tags (DESIGN 8): a keyed tag over the table, the id and every security column of a row, kept
 * in its column `row_tag`, so that a row changed without the key is refused. The rows of a table
 * are also summed (store/head.h): a row deleted, or an older one put back, is missed by the sum.
 *
 * A statement that reads, writes or deletes a tagged row lists the columns below, in this order,
 * and `row_tag` last. Append new security columns at the end, with a default of NULL, 0 or empty:
 * such values do not enter the tag, so that existing tags keep fitting after the migration.
 */
#ifndef CC_STORE_ROWTAG_H
#define CC_STORE_ROWTAG_H

#include "store/db.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

#define CLIENTS_TAGGED                                                                             \
    "id, name, scopes, token_tag, created_ms, expires_ms, revoked_ms, networks, old_token_tag,"    \
    " old_ends_ms, used_ms, token_used_ms, certificates, row_tag"
#define CITIZENS_TAGGED                                                                            \
    "id, phone_index, sealed, state, level, channel, locked, created_ms, contrast,"                \
    " contrast_locked, row_tag"
#define REQUESTS_TAGGED                                                                            \
    "id, public_id, citizen_id, client_id, ip_tag, clave_tag, code_tag, created_ms, expires_ms,"   \
    " tries, uses, with_contrast, replaced_ms, resent_ms, cancelled_ms, row_tag"
#define FAILURES_TAGGED                                                                            \
    "id, citizen_id, request_id, ip_tag, created_ms, kind, settled, ip_wide_tag, row_tag"
#define OPERATORS_TAGGED                                                                           \
    "id, row_key, name, folded, role, active, password, language, totp_state, totp, totp_step,"    \
    " codes, created_ms, changed_ms, row_tag"
#define SESSIONS_TAGGED "id, operator_id, token_tag, created_ms, used_ms, address, row_tag"
#define NOTICES_TAGGED "id, citizen_id, kind, told_ms, row_tag"
#define SIM_PINS_TAGGED "id, pair_tag, tried_ms, row_tag"
#define CREDENTIALS_TAGGED                                                                         \
    "id, citizen_id, kind, state, secret, must_change, expires_ms, created_ms, code_purpose,"      \
    " code_id, code_tag, code_sent_ms, code_tries, code_message_id, code_contrast, row_tag"
#define META_TAGGED "name, number, bytes, row_tag"

/* The number is hashed: append only. */
enum rowtag_table {
    ROWTAG_META,
    ROWTAG_CLIENTS,
    ROWTAG_CITIZENS,
    ROWTAG_REQUESTS,
    ROWTAG_FAILURES,
    ROWTAG_OPERATORS,
    ROWTAG_SESSIONS,
    ROWTAG_NOTICES,
    ROWTAG_SIM_PINS,
    ROWTAG_CREDENTIALS,
    ROWTAG_TABLES,
    ROWTAG_EVIDENCE = ROWTAG_TABLES, /* sealed, and not tagged: store/check.h has it too */
};

/* The table of the evidence has a name here too. */
const char *rowtag_table_name(enum rowtag_table table);

/* Whether the row that st stands on carries its tag; a row that does not is told (integrity.h). */
bool rowtag_fits(struct store *store, enum rowtag_table table, struct db_stmt *st);
/* The same of a statement that goes on behind row_tag, with columns that carry no tag. */
bool rowtag_fits_at(struct store *store, enum rowtag_table table, struct db_stmt *st,
                    int tag_column);
/*
 * For the one update of each verification: the row as its tag covers it, without its counter. A row
 * that was read by rowtag_fits_image() gets its next tag in the very statement that counts.
 */
enum { ROWTAG_IMAGE_BYTES = 222 };
struct rowtag_image {
    uint8_t tag[16]; /* as read */
    uint8_t column;  /* the counter's */
    uint8_t cut;     /* where it belongs in bytes */
    uint8_t len;
    uint8_t bytes[ROWTAG_IMAGE_BYTES];
};
bool rowtag_fits_image(struct store *store, enum rowtag_table table, struct db_stmt *st,
                       int tag_column, int column, struct rowtag_image *ret);
/* The tag of the same row with this count. */
void rowtag_next(const struct store *store, const struct rowtag_image *image, int64_t count,
                 uint8_t ret_tag[16]);
/* Runs the UPDATE that wrote that count and that tag. Errors: CC_ERR_NOT_FOUND, db_run()'s. */
enum cc_err rowtag_run_next(struct store *store, enum rowtag_table table, struct db_stmt *st,
                            const struct rowtag_image *image, const uint8_t tag[16]) CC_MUST_CHECK;
/*
 * Runs an INSERT or UPDATE that ends in RETURNING and the columns above, and tags each row that it
 * returns. Update only rows that were read with rowtag_fits() in this transaction, or the tag would
 * make an edit good. ret_id (may be NULL) is the first column of the last row. Errors:
 * CC_ERR_NOT_FOUND (no row), those of db_run().
 */
enum cc_err rowtag_run(struct store *store, enum rowtag_table table, struct db_stmt *st,
                       int64_t *ret_id) CC_MUST_CHECK;
/* The same work as rowtag_run() for an UPDATE that changes nothing: the tags stay as they are, so
 * that none is made good. */
enum cc_err rowtag_run_idle(struct store *store, enum rowtag_table table,
                            struct db_stmt *st) CC_MUST_CHECK;
/* Runs a DELETE that ends in RETURNING row_tag. Errors: CC_ERR_NOT_FOUND (no row), db_run()'s. */
enum cc_err rowtag_run_delete(struct store *store, enum rowtag_table table,
                              struct db_stmt *st) CC_MUST_CHECK;

/*
 * The rows behind `after`, in the order of their ids, at most `limit`: for checks of all rows. The
 * names of meta are no numbers: its rows come all at once, for after = 0.
 */
struct db_stmt *rowtag_select(struct store *store, enum rowtag_table table, int64_t after,
                              int64_t limit);
/* As rowtag_fits(), telling nobody; sum is what the row adds to its table's sum. */
bool rowtag_measure(const struct store *store, enum rowtag_table table, struct db_stmt *st,
                    uint8_t sum[16]);
/* Tags the rows of a database from before the tags, in one transaction of the caller's. */
enum cc_err rowtag_tag_untagged(struct store *store, enum rowtag_table first) CC_MUST_CHECK;

#endif
