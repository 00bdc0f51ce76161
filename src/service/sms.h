/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes the SMS of the services into the queue. */
#ifndef CC_SERVICE_SMS_H
#define CC_SERVICE_SMS_H

#include "domain/phone.h"
#include "domain/text.h"
#include "service/service.h"
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

/* Inside a turn. *ret_id is its number in the queue. Errors: CC_ERR_DB, those of text_render(). */
enum cc_err sms_queue(struct service *service, const struct sms *sms, int64_t now_ms,
                      int64_t *ret_id) CC_MUST_CHECK;

#endif
