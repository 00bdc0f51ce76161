/* SPDX-License-Identifier: EUPL-1.2 */
/* The person's file for a request of access (GDPR art. 15), page by page; that it was asked for is
 * audited. */
#ifndef CC_SERVICE_DOSSIER_H
#define CC_SERVICE_DOSSIER_H

#include "service/caller.h"
#include "service/service.h"
#include "store/dossier.h"

/* The registration; the caller wipes *ret. In the turn. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED,
 * CC_ERR_DB. */
enum cc_err dossier_begin(struct service *service, const struct nif *nif,
                          const struct caller *caller, int64_t now_ms,
                          struct citizen *ret) CC_MUST_CHECK;
struct dossier_page {
    const struct nif *nif;
    enum dossier_part part;
    int64_t before_id; /* see dossier_list() */
    const struct caller *caller;
};

/* Audited too, where the caller has not asked for this person's file within the hour. In the turn.
 * Errors: as above. */
enum cc_err dossier_tell(struct service *service, const struct dossier_page *page, int64_t now_ms,
                         dossier_visit_fn visit, void *user, int64_t *ret_next) CC_MUST_CHECK;

#endif
