/* SPDX-License-Identifier: EUPL-1.2 */
/* Parts of the entries by a secret, for other resources. */
#ifndef CC_API_ACCESOS_H
#define CC_API_ACCESOS_H

#include "http/exchange.h"

/* Hashes a new secret outside the loop, into x->prepared.entry.hash; x then goes on. from: of whom
 * has proven nothing yet; NULL = of staff. Errors: with `campo`, those of entry_begin_hash(). */
enum cc_err accesos_begin_hash(struct exchange *x, const struct json_value *secret,
                               const struct address_keys *from, const char *field) CC_MUST_CHECK;

/* Whether the town admits passwords, with a code by SMS or alone. Errors: CC_ERR_METHOD_CLOSED. */
enum cc_err contrasenas_admit(struct exchange *x) CC_MUST_CHECK;

#endif
