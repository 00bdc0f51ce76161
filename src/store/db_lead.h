/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Of the boxes that share a database one leads: it does the work that is done once for all of them.
 * The lead goes with its connection to the server, and another box takes it. Where one box alone
 * has the database, it leads.
 */
#ifndef CC_STORE_DB_LEAD_H
#define CC_STORE_DB_LEAD_H

#include "store/db.h"

/* Makes this box the one that leads, where no other is. Errors: CC_ERR_DB, CC_ERR_DB_BUSY. */
enum cc_err db_take_lead(struct db *db) CC_MUST_CHECK;
/* Whether no other box is running, by its beats and its lock: one of an older version would go on
 * writing in its own way what is brought up to date. Errors: CC_ERR_DB_IN_USE (logged), CC_ERR_DB.
 */
enum cc_err db_check_alone(struct db *db) CC_MUST_CHECK;
/* Asks nobody. */
bool db_leads(const struct db *db);

#endif
