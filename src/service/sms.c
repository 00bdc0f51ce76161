/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sms.h"

#include "base/span.h"
#include "service/caller.h"
#include "store/audit.h"
#include "store/outbox.h"

#include <stdio.h>

enum {
    NO_ROW = 0,                     /* the id of none: taking it back takes as long */
    NOTICE_LIFE_MS = DAY_MS,        /* of use for a day */
    TRIAL_LIFE_MS = 10 * MINUTE_MS, /* later, the technician is no longer at the phone */
};

enum cc_err sms_queue(struct service *service, const struct sms *sms, int64_t now_ms,
                      int64_t *ret_id)
{
    struct text_values values = sms->values;
    struct outbox_message message = {
        .request_id = sms->request_id,
        .class = sms->class,
        .phone = *sms->phone,
        .created_ms = now_ms,
        .not_before_ms = now_ms,
        .expires_ms = sms->expires_ms,
        .reference = -1,
    };
    struct buf text;
    values.entity = service->settings->entity_sms;
    if (sms->only_modem != NULL)
        (void)snprintf(message.only_modem, sizeof(message.only_modem), "%s", sms->only_modem);
    buf_init(&text, message.text, sizeof(message.text));
    enum cc_err err = text_render(sms->lang, sms->text, &values, &text);
    if (err == CC_OK && buf_cstr(&text) == NULL)
        err = CC_ERR_TEXT_TOO_LONG;
    if (err == CC_OK)
        err = outbox_insert(service->store, &message, ret_id);
    secret_wipe(&message, sizeof(message));
    return err;
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
    /* any mobile number: what is written for a notice that is not due lies in the index anywhere,
     * for any citizen */
    (void)snprintf(nobodys.e164, sizeof(nobodys.e164), "+346%08u", secret_random_below(100000000));
    enum cc_err err =
        notices_mark(service->store, is_due ? citizen->id : 0, kind, now_ms, &is_first);
    if (err == CC_OK)
        err = send_to(service, is_due ? &citizen->phone : &nobodys, texts[kind], citizen->lang,
                      now_ms, &id);
    if (err == CC_OK)
        err = outbox_discard(service->store, is_due && is_first ? NO_ROW : id);
    return err_allow_absent(err);
}

enum cc_err trial_send(struct service *service, const struct phone *phone, const char *modem,
                       const struct caller *caller, int64_t now_ms, int64_t *ret_id)
{
    const struct sms sms = {.class = OUTBOX_NOTICE,
                            .phone = phone,
                            .lang = TEXT_LANG_ES,
                            .text = TEXT_TEST,
                            .expires_ms = now_ms + TRIAL_LIFE_MS,
                            .only_modem = modem};
    enum cc_err err = sms_queue(service, &sms, now_ms, ret_id);
    if (err != CC_OK)
        return err;
    return service_audit(service, caller, AUDIT_ACT(.event = "sms_prueba", .reference = *ret_id),
                         now_ms);
}
