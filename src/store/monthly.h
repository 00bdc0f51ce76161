/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Figures of each month of the town's zone: numbers alone, of nobody in particular, which stay when
 * the rows that they count are destroyed. What the audit trail tells is counted from it a piece at
 * a time, so that a verification writes nothing more; what it does not tell, as it happens.
 */
#ifndef CC_STORE_MONTHLY_H
#define CC_STORE_MONTHLY_H

#include "store/store.h"

/* Stored: append only. */
enum monthly_kind {
    MONTHLY_FOLDED, /* no figure: the last row of the trail that is counted, under month 0 */
    MONTHLY_IN_PERSON,
    MONTHLY_ONLINE,
    MONTHLY_CERTIFICATE,
    MONTHLY_PHONE,
    MONTHLY_ASSERTED,
    MONTHLY_LEFT,     /* bajas of every kind */
    MONTHLY_REQUESTS, /* of a contraclave, also those that no SMS followed */
    MONTHLY_ENTERED,
    MONTHLY_REFUSED,
    MONTHLY_SMS_SENT,   /* taken by the network */
    MONTHLY_SMS_FAILED, /* refused, dead before they left, or not delivered */
    MONTHLY_ACTIVE, /* change of the people who are active; under month 0, how many were before */
    MONTHLY_KINDS
};

enum { MONTHLY_SHOWN = 36, MONTHLY_FOLD_ROWS = 1000 };

/* counts: by enum monthly_kind. */
struct monthly_row {
    int64_t month; /* 12 * year + month - 1 */
    int64_t
        people; /* registered at its end: the altas without the bajas of all months until then */
    int64_t active; /* of them, neither suspended nor waiting for the proof of their mobile */
    bool knows_active, knows_sms; /* counting had begun */
    int64_t counts[MONTHLY_KINDS];
};

struct monthly_table {
    struct monthly_row rows[MONTHLY_SHOWN]; /* without a gap, the oldest first */
    size_t count;
    bool is_whole; /* false: the trail is still being counted */
};

/* The month of an instant in UTC ms, in the zone of the process. */
int64_t monthly_month_of(int64_t at_ms);
/* Tells as which figure a row of the trail counts: *ret_count of a kind. False: as nothing. Pure.
 */
bool monthly_counts_as(const char *event, const char *result, int64_t reference,
                       enum monthly_kind *ret, int64_t *ret_count);
/* Adds to a figure of the month of now_ms. In a transaction. */
enum cc_err monthly_add(struct store *store, enum monthly_kind kind, int64_t count,
                        int64_t now_ms) CC_MUST_CHECK;
/* Counts up to MONTHLY_FOLD_ROWS further rows of the trail: a millisecond or two. In a
 * transaction. */
enum cc_err monthly_fold(struct store *store, bool *ret_more) CC_MUST_CHECK;
/* The last row of the trail that is counted; 0 = none yet. */
enum cc_err monthly_last_folded(struct store *store, int64_t *ret_id) CC_MUST_CHECK;
/* The months until that of now_ms, with the rows of the trail that no fold has counted yet, as many
 * as a fold takes. */
enum cc_err monthly_read(struct store *store, int64_t now_ms,
                         struct monthly_table *ret) CC_MUST_CHECK;

#endif
