/* SPDX-License-Identifier: EUPL-1.2 */
/* Shared by the files of people.h. */
#ifndef CC_SERVICE_PEOPLE_PRIVATE_H
#define CC_SERVICE_PEOPLE_PRIVATE_H

#include "service/people.h"

/* Refused log-ins of names that have no account, in this minute. */
struct people_strangers {
    struct loop_source *minute; /* fires at its end */
    int own_rows;
    int64_t together; /* more than these, which get one row when the minute is over */
};

struct people {
    struct service *service;
    struct passwords *passwords, *citizens; /* of staff, and of those who enter the sede */
    struct throttle throttle;
    struct people_strangers strangers;
    char url[PEOPLE_URL_SIZE];
};

/* Keyed, for the throttle. */
uint64_t people_hash(const struct people *people, const void *bytes, size_t len);
/*
 * Audits a refusal, in a nest of its own: it outlives the end of the request that was refused.
 * Names that have no account get 20 rows a minute, and one with the number of the others: strangers
 * at many addresses do not fill the disk.
 */
void people_note_failure(struct people *people, const char *event, int64_t operator_id,
                         const struct caller *caller);
enum cc_err people_audit(struct people *people, const char *event, const struct caller *caller,
                         const char *result, int64_t operator_id, int64_t now_ms) CC_MUST_CHECK;
/* Whether code is the operator's of now, or one of the recovery codes; takes it from the row. */
bool people_take_code(const struct people *people, struct operator_row *row, const char *code,
                      int64_t now_ms);

#endif
