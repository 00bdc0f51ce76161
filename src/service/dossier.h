/* SPDX-License-Identifier: EUPL-1.2 */
/* The person's file for a request of access (GDPR art. 15), page by page; that it was asked for is
 * audited. */
#ifndef CC_SERVICE_DOSSIER_H
#define CC_SERVICE_DOSSIER_H

#include "service/caller.h"
#include "service/cursor.h"
#include "service/service.h"
#include "store/citizens.h"
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

enum dossier_look { DOSSIER_LOOK_PERSON, DOSSIER_LOOK_LIST, DOSSIER_LOOK_INBOX };

/* Enters that the caller has read of a person (nif; else NULL), or of the people of a list, where
 * the trail does not say so of the last hour. In the turn. Errors: CC_ERR_DB. */
enum cc_err dossier_note_look(struct service *service, enum dossier_look look,
                              const struct nif *nif, const struct caller *caller,
                              int64_t now_ms) CC_MUST_CHECK;

/* ---- the registry as a whole, page by page, for lists and its export ------------------------- */
enum { ROLL_PAGE = 100 };

/*
 * The people behind a cursor (NULL = from the first, which is audited); at most ROLL_PAGE. A row
 * that does not open is visited as NULL. ret_next is the cursor of the next page, "" when there is
 * none. In the turn. Errors: CC_ERR_RANGE (the cursor is not this caller's), CC_ERR_DB.
 */
enum cc_err roll_tell(struct service *service, const struct caller *caller, const char *cursor,
                      int64_t now_ms, citizens_visit_fn visit, void *user,
                      char ret_next[CURSOR_SIZE]) CC_MUST_CHECK;

/* The people behind an id, for a list that masks NIF and phone; not audited here. *ret_last is the
 * last id, 0 when there are no more. Errors: CC_ERR_DB. */
enum cc_err roll_list(struct service *service, int64_t after, citizens_visit_fn visit, void *user,
                      int64_t *ret_last) CC_MUST_CHECK;

#endif
