/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Writes the SMS of the services into the queue. Notices tell a citizen what others do with his
 * NIF (DOMAIN 5): a contraclave that was not sent, a lock; each of these at most once a day. Also
 * what befalls the registration. All inside a turn. Errors: CC_ERR_DB, those of text_render().
 */
#ifndef CC_SERVICE_SMS_H
#define CC_SERVICE_SMS_H

#include "domain/text.h"
#include "service/service.h"
#include "store/citizens.h"
#include "store/notices.h"
#include "store/outbox.h"

struct sms {
    enum outbox_class class;
    const struct phone *phone;
    enum text_lang lang;
    enum text_id text;
    struct text_values values; /* without the entity */
    int64_t request_id;        /* as in the queue; 0 = none */
    int64_t expires_ms;        /* UTC, when it is of no use any more */
    const char *only_modem;    /* that may send it; NULL = any */
};

/* *ret_id is its number in the queue. */
enum cc_err sms_queue(struct service *service, const struct sms *sms, int64_t now_ms,
                      int64_t *ret_id) CC_MUST_CHECK;
/* Writes one of the texts that name only the entity, for the citizen's phone and in his language;
 * it is of use for a day. */
enum cc_err notice_send(struct service *service, const struct citizen *citizen, enum text_id id,
                        int64_t now_ms, int64_t *ret_id) CC_MUST_CHECK;
/*
 * Tells the registered phone, if `is_due` and it was not told today. Otherwise the notice is
 * written and taken back in the same transaction, so that the time shows nothing: also for the
 * zeroed citizen of an unknown NIF.
 */
enum cc_err notice_tell(struct service *service, const struct citizen *citizen,
                        enum notice_kind kind, bool is_due, int64_t now_ms) CC_MUST_CHECK;
/* The SMS by which a technician tries a modem: nothing secret in it, and never repeated by itself;
 * audited. modem: the only one that may send it; "" = whichever is free. */
enum cc_err trial_send(struct service *service, const struct phone *phone, const char *modem,
                       const struct caller *caller, int64_t now_ms, int64_t *ret_id) CC_MUST_CHECK;

#endif
