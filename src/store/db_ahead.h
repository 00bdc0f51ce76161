/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Statements of a transaction that go to a server together, where each alone is a way there and
 * back: writes that nobody waits for, and SELECTs that are known to come.
 */
#ifndef CC_STORE_DB_AHEAD_H
#define CC_STORE_DB_AHEAD_H

#include "store/db.h"

/*
 * db_run() and db_run_one() for a write that nobody looks back at before the commit: over a network
 * it is sent with the next statement that is. CC_OK may then mean that it is still to be done. If
 * it fails, or one that must change a row changes none, the transaction is lost, as with its
 * connection: see db_rollback(). A row that is missing may become known with the commit, which then
 * is told as failed though it is done, as one is that was cut.
 */
enum cc_err db_run_later(struct db_stmt *st) CC_MUST_CHECK;
enum cc_err db_run_one_later(struct db_stmt *st) CC_MUST_CHECK;
/*
 * Begins and ends a time in which SELECTs find no row, db_run_int() finds 0, and all are asked
 * ahead, together: one that is made afterwards with the same parameters, before anything is
 * written, has its answer without a wait. Returns whether that time has begun: only in a
 * transaction, of an engine that does so.
 */
bool db_ask_ahead(struct db *db, bool asks);

#endif
