/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a person does with his own registration through the sede (DOMAIN 1): renuncia, proven by a
 * PIN, and suspension on loss, proven by the contrast datum (ENS op.acc.5.5).
 */
#ifndef CC_SERVICE_OWN_H
#define CC_SERVICE_OWN_H

#include "service/verify.h"

/*
 * Ends the registration where the PIN is right. The PIN is used and its failures count as in
 * verify_pin(), whose errors it has. *ret_done: it was right. Inside a turn.
 */
enum cc_err own_renounce(struct service *service, const struct verify_input *input, int64_t now_ms,
                         bool *ret_done, int64_t *ret_wait_s) CC_MUST_CHECK;

struct own_loss {
    struct nif nif;
    struct contraste contrast;
    const struct address_keys *from; /* the end user; empty keys = not given, or not counted */
    const struct caller *caller;
};
/*
 * Suspends the registration where the contrast datum is right; a wrong one counts. Nothing tells
 * the caller which it was, nor whether the NIF is registered. Inside a turn. Errors:
 * CC_ERR_CLOCK_UNRELIABLE, CC_ERR_RATE_LIMITED (by IP), CC_ERR_DB.
 */
enum cc_err own_suspend(struct service *service, const struct own_loss *loss, int64_t now_ms,
                        int64_t *ret_wait_s) CC_MUST_CHECK;

#endif
