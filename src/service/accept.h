/* SPDX-License-Identifier: EUPL-1.2 */
/* A person says that the database that is open is the good one, whatever its anchor says. */
#ifndef CC_SERVICE_ACCEPT_H
#define CC_SERVICE_ACCEPT_H

#include "service/caller.h"
#include "service/service.h"

/* In a turn. Audited. Clients are read again from it. Errors: those of store_accept(). */
enum cc_err accept_database(struct service *service, const struct caller *caller,
                            int64_t now_ms) CC_MUST_CHECK;

#endif
