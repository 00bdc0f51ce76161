/* SPDX-License-Identifier: EUPL-1.2 */
/* A person accepts the database as it is: the end of a doubt (integrity.h). */
#ifndef CC_STORE_ACCEPT_H
#define CC_STORE_ACCEPT_H

#include "store/store.h"

/*
 * Inside a transaction; audited, with the address (ADDRESS_BYTES; NULL = not known). The sums are
 * made anew of the rows that are there, the breaks of the audit trail so far are known, the
 * database takes the place of the one that the anchor remembers once this is committed. Altered
 * rows of requests and failures go; altered citizens and clients stay refused, until they are
 * enrolled or made again.
 */
enum cc_err store_accept(struct store *store, const char *actor, const uint8_t *address,
                         int64_t now_ms) CC_MUST_CHECK;
/* For a database that no daemon uses: opens it, accepts it, closes it. Errors: store_open()'s. */
enum cc_err store_accept_file(const char *db_path, const char *key_path, const char *actor,
                              int64_t now_ms) CC_MUST_CHECK;

#endif
