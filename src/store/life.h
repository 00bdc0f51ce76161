/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * History of each registration: which act, when, by whom and why. Rows are added and never changed.
 * All that names a person is sealed, bound to the citizen, the act and its instant.
 */
#ifndef CC_STORE_LIFE_H
#define CC_STORE_LIFE_H

#include "domain/life.h"
#include "store/citizens.h"

enum {
    LIFE_ACTOR_SIZE = 96,
    LIFE_REASON_SIZE = 241,
    LIFE_REFERENCE_SIZE = 61,
    LIFE_DOCUMENT_SIZE = 61,
    LIFE_CLAUSE_SIZE = 64
};

struct life_edge {
    enum life_act act;
    enum citizen_channel channel;
    int64_t at_ms;
    int64_t message_id; /* of the SMS that told the phone; 0 = none */
    char actor[LIFE_ACTOR_SIZE];
    char reason[LIFE_REASON_SIZE];
    char reference[LIFE_REFERENCE_SIZE]; /* of the signed instancia */
    char document[LIFE_DOCUMENT_SIZE];   /* that identified the person: "Pasaporte AAB123456" */
    char clause[LIFE_CLAUSE_SIZE];       /* version of the information that the person was given */
    char linked[NIF_CHARS + 1];          /* NIF of before, or from now on; "" = none */
    bool phone_proven;                   /* of an alta: by a code that the person read out */
};

/* citizen: as citizens_find() or citizens_insert() left it. */
enum cc_err life_append(struct store *store, const struct citizen *citizen,
                        const struct life_edge *edge) CC_MUST_CHECK;

/* Is called for each edge; the edge is the caller's until it returns. */
typedef void (*life_visit_fn)(const struct life_edge *edge, void *user);
/* The newest `max`, newest first. Errors: CC_ERR_ALTERED (a row does not open). */
enum cc_err life_each(struct store *store, const struct citizen *citizen, int64_t max,
                      life_visit_fn visit, void *user) CC_MUST_CHECK;

#endif
