/* SPDX-License-Identifier: EUPL-1.2 */
/* Counts of the limits, for staff: of the town and of a citizen. Reads only. */
#ifndef CC_SERVICE_FIGURES_H
#define CC_SERVICE_FIGURES_H

#include "service/service.h"
#include "store/citizens.h"

struct figures_town {
    struct limits_town counted;
    bool asks_contrast;
};

struct figures_citizen {
    struct citizen citizen;
    struct limits_citizen open;   /* of requests without the contrast, and of verifications */
    struct limits_citizen proven; /* of requests with the right contrast */
    size_t live;                  /* requests that could still be verified */
};

/* Errors: CC_ERR_DB. */
enum cc_err figures_count_town(struct service *service, int64_t now_ms,
                               struct figures_town *ret) CC_MUST_CHECK;
/* *ret holds personal data: the caller wipes it. Errors: CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err figures_count_citizen(struct service *service, const struct nif *nif, int64_t now_ms,
                                  struct figures_citizen *ret) CC_MUST_CHECK;
/* The citizen with only the failures counted. Errors: as above. */
enum cc_err figures_find_citizen(struct service *service, const struct nif *nif, int64_t now_ms,
                                 struct figures_citizen *ret) CC_MUST_CHECK;

#endif
