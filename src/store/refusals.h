/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Refused verifications, counted per minute, client and NIF: for the pace of each NIF, and for the
 * audit trail, which gets one row with the number when the minute is over. A flood so writes a row
 * a minute and not a row a call; all that are not registered share one. Rows live for an hour.
 */
#ifndef CC_STORE_REFUSALS_H
#define CC_STORE_REFUSALS_H

#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* Facts of a refusal. */
struct refusal {
    const uint8_t *subject; /* blind index of a registered NIF; NULL = of one that is not */
    const char *actor;
    bool is_compared; /* a live request had this clave: a failure */
};

/* Counts one. Inside a turn. Errors: CC_ERR_DB. */
enum cc_err refusals_add(struct store *store, const struct refusal *refusal,
                         int64_t now_ms) CC_MUST_CHECK;
/*
 * Counts the refusals of a NIF that were not compared: of the last hour, and of this minute. Takes
 * as long for a subject that has none. Errors: CC_ERR_DB.
 */
enum cc_err refusals_count(struct store *store, const uint8_t subject[SECRET_TAG_BYTES],
                           int64_t now_ms, int64_t *ret_hour, int64_t *ret_minute) CC_MUST_CHECK;
/*
 * Appends to the audit trail what it does not have yet: of the minutes that are over, or with
 * `is_end` of all. Of one client and minute the first 20 NIFs have a row each, the others one
 * together. Inside a turn. Errors: CC_ERR_DB.
 */
enum cc_err refusals_audit(struct store *store, int64_t now_ms, bool is_end) CC_MUST_CHECK;

#endif
