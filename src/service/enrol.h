/* SPDX-License-Identifier: EUPL-1.2 */
/* Alta in person, by the staff of the Registro (seed 000). */
#ifndef CC_SERVICE_ENROL_H
#define CC_SERVICE_ENROL_H

#include "service/caller.h"
#include "service/service.h"
#include "store/life.h"

struct enrol_input {
    struct nif nif;
    struct person_name name; /* normalised */
    struct phone phone;
    struct contraste contrast;           /* "" = none */
    enum text_lang lang;                 /* of what the box writes to the person */
    char reference[LIFE_REFERENCE_SIZE]; /* of the signed instancia; "" = none */
    const struct caller *caller;
};

/* Somebody who was gone comes back by it, without locks. Inside a turn. Errors:
 * CC_ERR_ALREADY_REGISTERED, CC_ERR_PHONE_IN_USE, CC_ERR_DB. */
enum cc_err enrol_in_person(struct service *service, const struct enrol_input *input,
                            int64_t now_ms, struct citizen *ret) CC_MUST_CHECK;
/* The contrast datum of somebody who is registered; audited without the datum. Inside a turn.
 * Errors: CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err enrol_set_contrast(struct service *service, const struct nif *nif,
                               const struct contraste *contrast, const struct caller *caller,
                               int64_t now_ms) CC_MUST_CHECK;
/* Staff have looked: both locks are lifted and all failures settled. Inside a turn. Errors:
 * CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err enrol_unlock(struct service *service, const struct nif *nif,
                         const struct caller *caller, int64_t now_ms) CC_MUST_CHECK;

#endif
