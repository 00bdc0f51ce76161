/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sms.h"

#include "base/secret.h"

#include <stdio.h>

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
