/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/trial.h"

#include "service/sms.h"
#include "store/audit.h"

#include <stdio.h>

enum { LIFE_MS = 10 * 60 * 1000 }; /* later, the technician is no longer at the phone */

enum cc_err trial_send(struct service *service, const struct phone *phone, const char *modem,
                       const struct caller *caller, int64_t now_ms, int64_t *ret_id)
{
    const struct sms sms = {.class = OUTBOX_NOTICE,
                            .phone = phone,
                            .lang = TEXT_LANG_ES,
                            .text = TEXT_TEST,
                            .expires_ms = now_ms + LIFE_MS,
                            .only_modem = modem};
    enum cc_err err = sms_queue(service, &sms, now_ms, ret_id);
    if (err != CC_OK)
        return err;
    return service_audit(service, caller, AUDIT_ACT(.event = "sms_prueba", .reference = *ret_id),
                         now_ms);
}
