/* SPDX-License-Identifier: EUPL-1.2 */
/* Alta of a person, by any of the ways in (DOMAIN 1), and what staff mend in one. */
#ifndef CC_SERVICE_ENROL_H
#define CC_SERVICE_ENROL_H

#include "service/caller.h"
#include "service/service.h"
#include "store/life.h"

/* What the alta knows of the mobile. */
enum enrol_phone {
    ENROL_PHONE_TRUSTED, /* who asks for the alta answers for it */
    ENROL_PHONE_PROVEN,  /* a code was read out */
    ENROL_PHONE_PENDING, /* not yet: the person is pendiente_movil until it is */
};

struct enrol_input {
    struct nif nif;
    struct person_name name; /* normalised */
    struct phone phone;
    enum enrol_phone phone_proof;
    bool shares_phone;         /* with another NIF; the reason says why */
    struct contraste contrast; /* "" = none */
    enum text_lang lang;       /* of what the box writes to the person */
    enum citizen_channel channel;
    char reason[LIFE_REASON_SIZE];       /* "" = none, and so on */
    char reference[LIFE_REFERENCE_SIZE]; /* of the signed instancia */
    char document[LIFE_DOCUMENT_SIZE];   /* that identified the person */
    const struct nif *linked;            /* NIF of before; NULL = none */
    const struct caller *caller;
};
CC_WIPER(enrol_input)

/*
 * A person who was gone comes back by it, without locks: in person or by certificate alone (seed
 * 001). The phone of a person who is not at the desk is told at once. Inside a turn. Wipe ret
 * afterwards, also after an error. Errors: CC_ERR_ALREADY_REGISTERED, CC_ERR_IN_PERSON,
 * CC_ERR_PHONE_IN_USE, CC_ERR_DB, those of text_render().
 */
enum cc_err enrol_person(struct service *service, const struct enrol_input *input, int64_t now_ms,
                         struct citizen *ret) CC_MUST_CHECK;
/*
 * A person who had a NIE has a DNI now: the registration of the one ends and that of the other
 * begins, with name, phone and language as they were, and suspended if the one before was; each
 * names the other in its history. input: of the new one nif, contrast, reason, reference, document
 * and caller. Inside a turn. Errors: those of life_perform() and enrol_person(), CC_ERR_NIF_CHANGE.
 */
enum cc_err enrol_change_nif(struct service *service, const struct nif *old,
                             struct enrol_input *input, int64_t now_ms,
                             struct citizen *ret) CC_MUST_CHECK;
/* The contrast datum of a registered person; audited without the datum. Inside a turn.
 * Errors: CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err enrol_set_contrast(struct service *service, const struct nif *nif,
                               const struct contraste *contrast, const struct caller *caller,
                               int64_t now_ms) CC_MUST_CHECK;
/* Staff have looked: both locks are lifted and all failures settled. Inside a turn. Errors:
 * CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err enrol_unlock(struct service *service, const struct nif *nif,
                         const struct caller *caller, int64_t now_ms) CC_MUST_CHECK;

#endif
