/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading a row of the requests, and its sealed column. Private to the requests' files. */
#ifndef CC_STORE_REQUESTS_ROW_H
#define CC_STORE_REQUESTS_ROW_H

#include "store/requests.h"
#include "store/rowtag.h"

enum { REQUEST_SEALED_MAX = NIF_CHARS + 1 + CODE_SIZE + SECRET_SEAL_OVERHEAD };

/* Reads the row that st stands on, whose columns are REQUESTS_TAGGED. False: its tag does not fit.
 */
bool request_row_read(struct store *store, struct db_stmt *st, struct request *ret);
/* Whether a row with this number was made in the life of a request, and is not void. */
bool request_row_is_dated_well(const struct store *store, int64_t id, int64_t created_ms,
                               int64_t now_ms);
/* request->secret, sealed in `storage` for the row of request->public_id; NULL = none. */
struct db_value request_row_seal(const struct store *store, const struct request *request,
                                 uint8_t storage[REQUEST_SEALED_MAX]);
#endif
