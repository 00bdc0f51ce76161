/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Failures that were compared (DOMAIN 5), kept 31 days, and what the limits count by them. A
 * failure is settled when its request is used with success; staff settle all of a citizen. Each
 * count stops at its limit plus one, on an index, so that a full table does not slow an answer.
 */
#ifndef CC_STORE_FAILURES_H
#define CC_STORE_FAILURES_H

#include "domain/credential.h"
#include "domain/limits.h"
#include "store/store.h"

#include <stdint.h>

/* Stored: append only. */
enum failure_kind {
    FAILURE_CODE,
    FAILURE_CONTRAST,
    FAILURE_SECRET,              /* a password (domain/credential.h) without the contrast datum */
    FAILURE_SECRET_WITH_CONTRAST /* with the right one */
};

struct failure {
    enum failure_kind kind;
    int64_t citizen_id;  /* 0 = nobody: only if it is taken back in the same transaction */
    int64_t request_id;  /* FAILURE_CODE: the request that was guessed at */
    const char *ip;      /* of the end user; "" = not given */
    const char *ip_wide; /* its IPv6 /48; "" = none */
};

enum cc_err failures_insert(struct store *store, const struct failure *failure, int64_t now_ms,
                            int64_t *ret_id) CC_MUST_CHECK;
/* Takes back a failure of the same transaction (no oracle). Errors: CC_ERR_NOT_FOUND. */
enum cc_err failures_discard(struct store *store, int64_t id) CC_MUST_CHECK;
/* Settles the failures of a request that was used with success. */
enum cc_err failures_settle_request(struct store *store, int64_t citizen_id,
                                    int64_t request_id) CC_MUST_CHECK;
/* All of a citizen, wrong contrasts too: staff have looked. */
enum cc_err failures_settle_citizen(struct store *store, int64_t citizen_id) CC_MUST_CHECK;

/* Fills failures_in_a_row of `ret`. citizen_id 0: nobody's, in the same time. */
enum cc_err failures_count_for(struct store *store, int64_t citizen_id, const struct limits *limits,
                               int64_t now_ms, struct limits_citizen *ret) CC_MUST_CHECK;
/* Fills the wrong contrasts of `ret`: those from `ip` ("" = where none was given), and all. */
enum cc_err failures_count_contrasts(struct store *store, int64_t citizen_id,
                                     const struct limits *limits, const char *ip, int64_t now_ms,
                                     struct limits_citizen *ret) CC_MUST_CHECK;
/* Fills the compared failures of 24 h at a person's secrets. citizen_id 0: as above. */
enum cc_err failures_count_secrets(struct store *store, int64_t citizen_id,
                                   const struct limits *limits, int64_t now_ms,
                                   struct credential_failures *ret) CC_MUST_CHECK;
/* Of one address or /48 over the last hour, counted no further than `limit`. 0 when ip is "". */
enum cc_err failures_count_ip(struct store *store, const char *ip, int64_t now_ms, int64_t limit,
                              int64_t *ret) CC_MUST_CHECK;
/* Fills nifs_day, failures_day and failures_month of `ret`. */
enum cc_err failures_count_town(struct store *store, const struct limits *limits, int64_t now_ms,
                                struct limits_town *ret) CC_MUST_CHECK;
/* All since then, settled or not, counted no further than `limit`. */
enum cc_err failures_count_since(struct store *store, int64_t since_ms, int64_t now_ms,
                                 int64_t limit, int64_t *ret) CC_MUST_CHECK;

#endif
