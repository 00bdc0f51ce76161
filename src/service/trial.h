/* SPDX-License-Identifier: EUPL-1.2 */
/* An SMS by which a technician tries a modem: nothing secret in it, and never repeated by itself.
 */
#ifndef CC_SERVICE_TRIAL_H
#define CC_SERVICE_TRIAL_H

#include "domain/phone.h"
#include "service/caller.h"
#include "service/service.h"

/*
 * Inside a turn; audited. modem: the only one that may send it; "" = whichever is free. *ret_id is
 * its number in the queue. Errors: CC_ERR_DB, and those of text_render().
 */
enum cc_err trial_send(struct service *service, const struct phone *phone, const char *modem,
                       const struct caller *caller, int64_t now_ms, int64_t *ret_id) CC_MUST_CHECK;

#endif
