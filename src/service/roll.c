/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/roll.h"

#include "store/audit.h"

enum cc_err roll_tell(struct service *service, const struct caller *caller, int64_t after,
                      int64_t now_ms, citizens_visit_fn visit, void *user, int64_t *ret_last)
{
    const struct audit_entry entry = {
        .event = "exportacion", .actor = caller->name, .result = "correcto"};
    enum cc_err err = after == 0 ? audit_append(service->store, &entry, now_ms, NULL) : CC_OK;
    return err == CC_OK ? roll_list(service, after, visit, user, ret_last) : err;
}

enum cc_err roll_list(struct service *service, int64_t after, citizens_visit_fn visit, void *user,
                      int64_t *ret_last)
{
    return citizens_each(service->store, after, ROLL_PAGE, visit, user, ret_last);
}
