/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The SMS that tells a citizen what somebody does with his NIF (DOMAIN 5): a contraclave that was
 * not sent, a lock; each of these at most once a day. Also what befalls the registration.
 */
#ifndef CC_SERVICE_NOTICE_H
#define CC_SERVICE_NOTICE_H

#include "service/service.h"
#include "store/citizens.h"
#include "store/notices.h"

/* Writes one of the texts that name only the entity, for the citizen's phone and in his language;
 * it is of use for a day. Inside a turn. Errors: CC_ERR_DB, those of text_render(). */
enum cc_err notice_send(struct service *service, const struct citizen *citizen, enum text_id id,
                        int64_t now_ms, int64_t *ret_id) CC_MUST_CHECK;
/*
 * Tells the registered phone, if `is_due` and it was not told today. Otherwise the notice is
 * written and taken back in the same transaction, so that the time shows nothing: also for the
 * zeroed citizen of an unknown NIF. Inside a turn. Errors: CC_ERR_DB, those of text_render().
 */
enum cc_err notice_tell(struct service *service, const struct citizen *citizen,
                        enum notice_kind kind, bool is_due, int64_t now_ms) CC_MUST_CHECK;

#endif
