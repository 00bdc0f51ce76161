/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Refused verifications, counted per minute, client and NIF: for the pace of each NIF, and for the
 * audit trail, which gets one row with the number when the minute is over. A flood so writes a row
 * a minute and not a row a call. Rows live for an hour.
 *
 * A NIF that is not registered has a row here too, so that a clock does not tell (DOMAIN 5): its
 * first refusal in a minute adds a row and the next ones count on it. It shares that row with
 * others: however many NIFs a stranger invents, there are at most 256 rows a minute and client,
 * which go into the audit trail as one.
 */
#ifndef CC_STORE_REFUSALS_H
#define CC_STORE_REFUSALS_H

#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* Facts of a refusal. */
struct refusal {
    const uint8_t *subject; /* refusals_subject() */
    const char *actor;
    bool is_compared; /* a live request had this clave: a failure */
};

/* Whose refusals they are: the NIF's blind index, or what it shares with other NIFs that are not
 * registered. Pure. */
void refusals_subject(const uint8_t nif_index[SECRET_TAG_BYTES], bool is_registered,
                      uint8_t ret[SECRET_TAG_BYTES]);
/* Counts one. Inside a turn. */
enum cc_err refusals_add(struct store *store, const struct refusal *refusal,
                         int64_t now_ms) CC_MUST_CHECK;
/* Counts the refusals of a subject that were not compared: of the last hour, and of this minute.
 * Takes as long for a subject that has none. */
enum cc_err refusals_count(struct store *store, const uint8_t subject[SECRET_TAG_BYTES],
                           int64_t now_ms, int64_t *ret_hour, int64_t *ret_minute) CC_MUST_CHECK;
/*
 * Appends to the audit trail what it does not have yet: of the minutes that are over, or with
 * `is_end` of all. Of one client and minute the first 20 NIFs have a row each, the others one
 * together. Inside a turn.
 */
enum cc_err refusals_audit(struct store *store, int64_t now_ms, bool is_end) CC_MUST_CHECK;

#endif
