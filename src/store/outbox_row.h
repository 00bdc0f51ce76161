/* SPDX-License-Identifier: EUPL-1.2 */
/* Columns of the outbox in order, and reading a row of them. Private to the outbox files. */
#ifndef CC_STORE_OUTBOX_ROW_H
#define CC_STORE_OUTBOX_ROW_H

#include "store/outbox.h"

/* The SQL texts spell the states as numbers: partial indexes are chosen by constants only. */
_Static_assert(OUTBOX_QUEUED == 0 && OUTBOX_SENDING == 1 && OUTBOX_SENT == 2 &&
                   OUTBOX_DELIVERED == 3 && OUTBOX_UNDELIVERED == 4 && OUTBOX_UNKNOWN == 5 &&
                   OUTBOX_FAILED == 6 && OUTBOX_EXPIRED == 7 && OUTBOX_WITHHELD == 8,
               "the numbers are in the database");

#define OUTBOX_COLUMNS                                                                             \
    "id, row_key, request_id, class, state, phone, text, created_ms, not_before_ms, expires_ms,"   \
    " attempts, refusals, is_repeat, modem, reference, sent_ms, window_ends_ms, done_ms,"          \
    " cause_kind, cause_code, crashes"

/*
 * Reads the row that st stands on. ret gets everything that is not sealed also when it fails.
 * Errors: CC_ERR_CORRUPT.
 */
enum cc_err outbox_row_read(const struct store *store, struct db_stmt *st,
                            struct outbox_message *ret) CC_MUST_CHECK;

#endif
