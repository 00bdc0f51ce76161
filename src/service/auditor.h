/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Acts of an auditor on the trail: search and export, page by page. Each search and each export
 * is an act of its own in the trail, with the person whom it asks for.
 */
#ifndef CC_SERVICE_AUDITOR_H
#define CC_SERVICE_AUDITOR_H

#include "service/caller.h"
#include "service/cursor.h"
#include "service/service.h"
#include "store/audit_search.h"

enum auditor_act { AUDITOR_SEARCH, AUDITOR_EXPORT };

struct auditor_question {
    enum auditor_act act;
    const struct caller *caller;
    const struct nif *nif;      /* NULL = none */
    struct audit_filter filter; /* its subject is made of the NIF, where there is one */
    const char *cursor;         /* `next` of the page before; NULL = the first page */
};

struct auditor_page {
    int64_t left;           /* rows that no page has read yet */
    char next[CURSOR_SIZE]; /* "" = this was the last page */
};

/*
 * Visits one page of what fits, newest first; a page may be empty and not the last. The first page
 * enters the act into the trail; a cursor continues only the question and the caller that it was
 * made for, so that no page is read without that entry. In the turn.
 * Errors: CC_ERR_EVENT_UNKNOWN (no row can be of it), CC_ERR_RANGE (the cursor is of another
 * question), CC_ERR_DB.
 */
enum cc_err auditor_search(struct service *service, const struct auditor_question *question,
                           int64_t now_ms, audit_search_fn visit, void *user,
                           struct auditor_page *ret) CC_MUST_CHECK;
/* Begins the check of the whole database (service/inspect.h), which is an act of the trail too. In
 * the turn. Errors: CC_ERR_DB. */
enum cc_err auditor_check(struct service *service, const struct caller *caller,
                          int64_t now_ms) CC_MUST_CHECK;

#endif
