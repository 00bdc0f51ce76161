/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Applies an outcome or a report to its message: the policy of MODEMS 3 and DESIGN decision 3, as
 * edges of the outbox. No modem and no loop here. All inside a turn.
 */
#ifndef CC_SERVICE_OUTCOME_H
#define CC_SERVICE_OUTCOME_H

#include "gsm/report.h"
#include "modem/modem.h"
#include "service/service.h"
#include "service/suspect.h"
#include "store/outbox.h"

/* The modem that sent it, and the others. */
struct outcome_modem {
    bool has_other;          /* another is ready, and may take at once what this one refused */
    unsigned restarts;       /* of this one so far */
    struct suspect *suspect; /* verdict on its refusals; changed */
};
/* May be called again for the same outcome, when its commit has failed. */
enum cc_err outcome_record(struct service *service, const struct outbox_message *message,
                           const struct modem_result *result, const struct outcome_modem *modem,
                           int64_t now_ms) CC_MUST_CHECK;
/* Errors: CC_ERR_NOT_FOUND when the report belongs to no message that has an outcome. */
enum cc_err outcome_report(struct service *service, const char *modem,
                           const struct gsm_report *report, int64_t now_ms) CC_MUST_CHECK;
/* Unknown outcomes whose report never came: once more where that is harmless, else an end. */
enum cc_err outcome_windows_closed(struct service *service, int64_t now_ms) CC_MUST_CHECK;

#endif
