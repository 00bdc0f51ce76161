/* SPDX-License-Identifier: EUPL-1.2 */
/* The check of the evidence, in steps: each entry of the audit trail has its own, and each row
 * opens. A part of the check of the whole database (store/check.h). */
#ifndef CC_STORE_EVIDENCE_CHECK_H
#define CC_STORE_EVIDENCE_CHECK_H

#include "store/store.h"

struct evidence_check {
    /* results so far */
    int64_t altered, missing; /* rows that do not open; entries without evidence */
    int64_t altered_id;       /* of the last row that does not open */

    int64_t after;   /* row of the trail that was read last */
    int64_t kept_ms; /* retention leaves what is dated since; 0 = not read yet */
};

/* Reads a hundred rows of the trail further, and the evidence of their entries; on_altered gets the
 * number of each row that does not open. Errors: CC_ERR_MEMORY. */
enum cc_err evidence_check_step(struct evidence_check *check, struct store *store,
                                void (*on_altered)(int64_t id, void *user), void *user,
                                bool *ret_more) CC_MUST_CHECK;

#endif
