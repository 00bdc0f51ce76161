/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/trial.h"

#include "store/audit.h"
#include "store/outbox.h"

#include <stdio.h>

enum { LIFE_MS = 10 * 60 * 1000 }; /* later, the technician is no longer at the phone */

static enum cc_err compose_trial(const struct service *service, struct outbox_message *message)
{
    const struct text_values values = {.entity = service->settings->entity_sms};
    struct buf text;
    buf_init(&text, message->text, sizeof(message->text));
    enum cc_err err = text_render(TEXT_LANG_ES, TEXT_TEST, &values, &text);
    return err == CC_OK && buf_cstr(&text) == NULL ? CC_ERR_TEXT_TOO_LONG : err;
}

enum cc_err trial_send(struct service *service, const struct phone *phone, const char *modem,
                       const struct caller *caller, int64_t now_ms, int64_t *ret_id)
{
    struct outbox_message message = {
        .class = OUTBOX_NOTICE,
        .phone = *phone,
        .created_ms = now_ms,
        .not_before_ms = now_ms,
        .expires_ms = now_ms + LIFE_MS,
        .reference = -1,
    };
    (void)snprintf(message.only_modem, sizeof(message.only_modem), "%s", modem);
    enum cc_err err = compose_trial(service, &message);
    if (err == CC_OK)
        err = outbox_insert(service->store, &message, ret_id);
    if (err != CC_OK)
        return err;
    return service_audit(service, caller, AUDIT_ACT(.event = "sms_prueba", .reference = *ret_id),
                         now_ms);
}
