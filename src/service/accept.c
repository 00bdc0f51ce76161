/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accept.h"

#include "service/access.h"
#include "store/accept.h"

enum cc_err accept_database(struct service *service, const struct caller *caller, int64_t now_ms)
{
    enum cc_err err = store_accept(service->store, caller->name, caller_address(caller), now_ms);
    if (err == CC_OK)
        access_reload_after_commit(service);
    return err;
}
