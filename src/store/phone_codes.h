/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The code by which a mobile is proven at the desk: one of each NIF, whether it is registered yet
 * or not. The phone is sealed, bound to every other column, so that none of them can be changed
 * without the key.
 */
#ifndef CC_STORE_PHONE_CODES_H
#define CC_STORE_PHONE_CODES_H

#include "domain/application.h"
#include "domain/nif.h"
#include "domain/phone.h"
#include "store/store.h"

struct phone_code {
    struct application_code code;
    int64_t message_id; /* of the SMS with it */
    struct phone phone; /* that it was sent to */
    uint8_t tag[SECRET_TAG_BYTES];
};

/* The tag of a code: keyed, and another for each NIF and each sending. */
void phone_codes_tag(const struct store *store, const struct nif *nif, int64_t sent_ms,
                     const char *code, uint8_t ret[SECRET_TAG_BYTES]);
/* Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED. */
enum cc_err phone_codes_find(struct store *store, const struct nif *nif,
                             struct phone_code *ret) CC_MUST_CHECK;
/* Writes the code of this NIF over the one of before. */
enum cc_err phone_codes_put(struct store *store, const struct nif *nif,
                            const struct phone_code *code) CC_MUST_CHECK;
enum cc_err phone_codes_delete(struct store *store, const struct nif *nif) CC_MUST_CHECK;
/* Deletes those that were sent before then. */
enum cc_err phone_codes_sweep(struct store *store, int64_t before_ms) CC_MUST_CHECK;

#endif
