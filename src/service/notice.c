/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/notice.h"

#include "service/sms.h"
#include "store/outbox.h"

#include <stdio.h>

enum {
    NO_ROW = 0,                           /* the id of none: taking it back takes as long */
    NOTICE_LIFE_MS = 24 * 60 * 60 * 1000, /* of use for a day */
};

/* Any mobile number: what is written for a notice that is not due lies in the index anywhere,
 * whoever the citizen is. */
static void draw_phone(struct phone *ret)
{
    (void)snprintf(ret->e164, sizeof(ret->e164), "+346%08u", secret_random_below(100000000));
}

static enum cc_err send_to(struct service *service, const struct phone *phone, enum text_id id,
                           enum text_lang lang, int64_t now_ms, int64_t *ret_id)
{
    const struct sms sms = {.class = OUTBOX_NOTICE,
                            .phone = phone,
                            .lang = lang,
                            .text = id,
                            .expires_ms = now_ms + NOTICE_LIFE_MS};
    return sms_queue(service, &sms, now_ms, ret_id);
}

enum cc_err notice_send(struct service *service, const struct citizen *citizen, enum text_id id,
                        int64_t now_ms, int64_t *ret_id)
{
    return send_to(service, &citizen->phone, id, citizen->lang, now_ms, ret_id);
}

enum cc_err notice_tell(struct service *service, const struct citizen *citizen,
                        enum notice_kind kind, bool is_due, int64_t now_ms)
{
    static const enum text_id texts[] = {
        [NOTICE_WITHHELD] = TEXT_WITHHELD,
        [NOTICE_LOCKED] = TEXT_LOCKED,
        [NOTICE_CONTRAST_LOCKED] = TEXT_CONTRAST_LOCKED,
    };
    struct phone nobodys;
    int64_t id = 0;
    bool is_first = false;
    draw_phone(&nobodys);
    enum cc_err err =
        notices_mark(service->store, is_due ? citizen->id : 0, kind, now_ms, &is_first);
    if (err == CC_OK)
        err = send_to(service, is_due ? &citizen->phone : &nobodys, texts[kind], citizen->lang,
                      now_ms, &id);
    if (err == CC_OK)
        err = outbox_discard(service->store, is_due && is_first ? NO_ROW : id);
    return err_allow_absent(err);
}
