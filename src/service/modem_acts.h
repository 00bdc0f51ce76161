/* SPDX-License-Identifier: EUPL-1.2 */
/* What a person asks of one modem, by its name. */
#ifndef CC_SERVICE_MODEM_ACTS_H
#define CC_SERVICE_MODEM_ACTS_H

#include "modem/modem.h"
#include "service/caller.h"
#include "service/service.h"

/*
 * The modem of that name; "-" stands for the only one there is. Errors: CC_ERR_FIELD_MISSING ("-",
 * and there are several), CC_ERR_NOT_FOUND.
 */
enum cc_err service_find_modem(const struct service *service, const char *name,
                               struct modem **ret) CC_MUST_CHECK;
/* In a turn; audited. Errors: those of modem_restart(), CC_ERR_DB. */
enum cc_err service_restart_modem(struct service *service, struct modem *modem,
                                  const struct caller *caller, int64_t now_ms) CC_MUST_CHECK;

#endif
