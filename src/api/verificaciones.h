/* SPDX-License-Identifier: EUPL-1.2 */
/* Fields of an entry with a PIN, and the answer of an entry by any method. */
#ifndef CC_API_VERIFICACIONES_H
#define CC_API_VERIFICACIONES_H

#include "api/input.h"
#include "domain/method.h"
#include "http/exchange.h"
#include "service/verify.h"

/* Reads what verificaciones_shape has; each error with its `campo`. ret points to from; wipe it
 * afterwards. */
enum cc_err verificaciones_parse(struct exchange *x, struct address_keys *from,
                                 struct verify_input *ret) CC_MUST_CHECK;
void verificaciones_put_correct(struct buf *out, const struct verify_output *verdict,
                                enum method method, int64_t now_ms);
void verificaciones_put_refused(struct buf *out);
/* Whether an answer that was kept is that of a success. */
bool verificaciones_was_correct(const struct buf *out);
/* Puts a refusal in the place of a kept answer that holds no more. */
void verificaciones_refuse_replay(struct exchange *x, struct buf *out);

#endif
