/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the box holds on one person besides the registration and its history, for a request of
 * access (GDPR art. 15): the instants of requests, messages and failures, and the audit trail.
 */
#ifndef CC_STORE_DOSSIER_H
#define CC_STORE_DOSSIER_H

#include "domain/address.h"
#include "store/citizens.h"
#include "store/evidence.h"
#include "store/failures.h"
#include "store/outbox.h"

enum dossier_part {
    DOSSIER_REQUESTS,
    DOSSIER_MESSAGES, /* to the person's phone of today */
    DOSSIER_FAILURES, /* kept 31 days */
    DOSSIER_AUDIT,
    DOSSIER_PARTS
};

/* Rows of one page, and rows of the trail that are read for it: it has no index by person. */
enum { DOSSIER_PAGE = 200, DOSSIER_AUDIT_READ = 5000 };

/* A row of any part: the members that its part has, the others 0. Units: UTC ms; 0 = never. */
struct dossier_row {
    int64_t id, at_ms;
    int64_t expires_ms, tries, uses; /* of a request */
    bool with_contrast;
    enum outbox_class class; /* of a message */
    enum outbox_state state;
    int64_t sent_ms, done_ms;
    enum failure_kind failure;          /* of a failure */
    const char *event, *actor, *result; /* of the trail, until the visit returns */
    char evidence[EVIDENCE_ID_SIZE];    /* of an entry; "" = none */
    char address[ADDRESS_TEXT_SIZE];    /* of it; "" = not known, or its term is over */
};

typedef void (*dossier_visit_fn)(const struct dossier_row *row, void *user);

/* The newest DOSSIER_PAGE rows of the part before that id, newest first. *ret_next is the id to go
 * on before; 0 = there are no more. citizen: as citizens_find() left it. */
enum cc_err dossier_list(struct store *store, const struct citizen *citizen, enum dossier_part part,
                         int64_t before_id, dossier_visit_fn visit, void *user,
                         int64_t *ret_next) CC_MUST_CHECK;

#endif
